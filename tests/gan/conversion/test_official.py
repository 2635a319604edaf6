"""Official checkpoints give their tensors; hostile files give a sentence, and nothing in them ever runs."""

from __future__ import annotations

import json
import pickle
import resource
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from gan.conversion.errors import UnsafeFileError
from gan.conversion.official import read_official

DATA = Path(__file__).resolve().parents[2] / "data" / "official_checkpoints"
GOOD = sorted(DATA.glob("good_*.pkl"))
HOSTILE = sorted((DATA / "hostile").glob("*.pkl"))
TENSORS_ONLY = {"code_in_module_source.pkl"}  # its source is text that nobody looks at


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_every_tensor_is_the_reference_tensor(path: Path) -> None:
    expected = load_file(DATA / "reference.safetensors")
    for name, network in read_official(path).items():
        wanted = {k.split("/", 1)[1]: v for k, v in expected.items() if k.startswith(f"{name}/")}
        assert set(network.tensors) == set(wanted)
        for key, values in wanted.items():
            np.testing.assert_array_equal(network.tensors[key], values)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_constructor_arguments_come_out_as_plain_values(path: Path) -> None:
    expected = json.loads((DATA / "reference.json").read_text())
    for name, network in read_official(path).items():
        assert network.arguments == expected[f"{name.removesuffix('_ema')}_init_kwargs"]


def test_the_files_are_here() -> None:
    assert len(GOOD) == 3
    assert len(HOSTILE) == 11


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_a_hostile_file_runs_nothing_and_is_refused_with_a_sentence(path: Path) -> None:
    """In a child with 2 GB of address space: the bombs would need terabytes."""
    code = (
        "import sys, pathlib\n"
        "import gan.conversion.official as o\n"
        "sys.addaudithook(lambda event, _: event in ('os.system', 'subprocess.Popen', 'exec', 'import')"
        " and print('RAN', event))\n"
        "try: o.read_official(pathlib.Path(sys.argv[1])); print('READ')\n"
        "except o.UnsafeFileError as error: print('REFUSED', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)),
        env={"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(DATA.parents[2])},
    )  # fmt: skip
    assert "RAN" not in done.stdout
    assert done.stdout.startswith("READ" if path.name in TENSORS_ONLY else "REFUSED ")
    assert not Path("/tmp/pwned").exists()


def nested(levels: int) -> list[object]:
    """Lists that double at each level by reference: 2 ** levels leaves in a few bytes."""
    value: list[object] = ["leaf"]
    for _ in range(levels):
        value = [value, value]
    return value


def text(value: str) -> bytes:
    """The pickle operation that pushes a short text."""
    return b"\x8c" + bytes([len(value.encode())]) + value.encode()


def checkpoint_with(arguments: object) -> bytes:
    """A checkpoint whose generator's constructor arguments are that value."""
    inner = pickle.dumps(arguments, 2)[2:-1]  # without its protocol and its end
    return b"\x80\x04}(" + text("G_ema") + module(text("_init_kwargs") + inner) + b"u."


def module(state: bytes) -> bytes:
    """A persistent object with those items of its state."""
    names = text("torch_utils.persistence") + text("_reconstruct_persistent_obj")
    meta = text("type") + text("class") + text("version") + b"K\x06" + text("class_name") + text("Generator")
    return names + b"\x93}(" + meta + text("state") + b"}(" + state + b"uu\x85R"


def tensor(storage: bytes, size: int) -> bytes:
    """A tensor of one dimension over a storage's legacy stream."""
    held, shape = b"B" + struct.pack("<I", len(storage)) + storage, b"J" + struct.pack("<i", size) + b"\x85"
    loaded = b"(ctorch.storage\n_load_from_bytes\n" + held + b"\x85R"
    made = loaded + b"K\x00" + shape + b"K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + made


def storage(count: int, data: bytes) -> bytes:
    """A legacy stream of floats that claims so many."""
    head = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19." + b"\x80\x02M\xe9\x03." + b"\x80\x02}q\x00."
    name = b"X\x07\x00\x00\x00storagectorch\nFloatStorage\n" + 2 * b"X\x01\x00\x00\x000"
    identity = b"\x80\x02(" + name + b"\x8a\x08" + struct.pack("<q", count) + b"NtQ."
    return head + identity + b"\x80\x02]X\x01\x00\x00\x000a." + struct.pack("<q", count) + data


def keyed(count: int, value: bytes) -> bytes:
    """So many items of a dictionary, all alike."""
    return b"".join(text(f"k{number}") + value for number in range(count))


FLOATS = tensor(storage(1000, bytes(4000)), 1000)
LONG_TEXT = b"X" + struct.pack("<I", 2**20) + b"a" * 2**20
NASTY = {
    "nesting in a storage": (tensor(b"\x80\x02" + b"]" * 500 + b"a" * 499 + b".", 1), "more operations"),
    # few bytes that copy many, again and again
    "one text encoded a thousand times": (
        b"(" + LONG_TEXT + b"\x94" + 1000 * (b"c_codecs\nencode\nh\x00" + text("latin1") + b"\x86R") + b"t",
        "claim more bytes than the file has",
    ),
    "one state for a thousand tables": (
        b"(}\x94(" + keyed(3000, b"N") + b"u" + 1000 * b"cdnnlib.util\nEasyDict\n)Rh\x00b" + b"t",
        "more operations",
    ),
    "one tensor under a thousand names": (
        b"}("
        + text("G")
        + module(text("_buffers") + b"}(" + text("x") + FLOATS + b"\x94" + keyed(1000, b"h\x00") + b"u")
        + b"u",
        "claim more bytes than the file has",
    ),
    "a long name above a thousand tensors": (
        b"}("
        + text("G")
        + module(text("_modules") + b"}(" + LONG_TEXT + module(text("_buffers") + b"}") + b"u")
        + b"u",
        "not named as in a network",
    ),
    # sizes and numbers
    "a long integer of 20 MB": (b"\x8b" + struct.pack("<i", 20_000_000) + b"\x7f" * 20_000_000, "LONG4"),
    "an integer of ten million digits": (b"L" + b"9" * 10_000_000 + b"L\n", "damaged or cut short"),
    "a storage of negative length": (tensor(storage(-5, b""), 1), "storage is damaged"),
    "a storage of terabytes": (tensor(storage(2**40, bytes(4)), 1), "shorter than it claims"),
    "two hundred thousand dimensions": (
        FLOATS.replace(
            b"J" + struct.pack("<i", 1000) + b"\x85K\x01\x85", 2 * (b"(" + b"K\x01" * 200_000 + b"t")
        ),
        "damaged or cut short",
    ),
    # names that look like others
    "a dot of another script": (b"\x80\x04" + text("os\u2024path") + text("set") + b"\x93", "wants to use"),
    "a name with a zero": (b"cbuiltins\x00\nset\n", "wants to use"),
    "a name with a space": (b"ccollections\nOrderedDict evil\n", "wants to use"),
    "parts that join to an allowed name": (
        b"\x80\x04" + text("collections.Ordered") + text("Dict") + b"\x93",
        "use",
    ),
    "an instance by its old operation": (b"(ios\nsystem\n", "operation INST"),
    "an extension code": (b"\x80\x02\x82\x01", "operation EXT1"),
    # frames
    "a frame beyond the end": (b"\x80\x04\x95" + struct.pack("<Q", 2**63) + b"N", "no StyleGAN checkpoint"),
    "a frame that ends inside an operation": (
        b"\x80\x04\x95" + struct.pack("<Q", 1) + b"\x8c\x04ab",
        "cut short",
    ),
}


@pytest.mark.parametrize("name", NASTY)
def test_nastier_files_are_refused_in_bounded_time_and_memory(tmp_path: Path, name: str) -> None:
    data, sentence = NASTY[name]
    path = tmp_path / "nasty.pkl"
    path.write_bytes(data if data.endswith(b".") else data + b".")
    tracemalloc.start()
    try:
        with pytest.raises(UnsafeFileError, match=sentence) as refused:
            read_official(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * path.stat().st_size + 400 * 2**20
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("data", [b"N" + b"\x94" * 3_000_000, b"]" * 1_500_000 + b"a" * 1_499_999])
def test_a_flood_of_operations_of_one_byte_is_stopped(tmp_path: Path, data: bytes) -> None:
    """Each takes a hundred times its size in memory."""
    path = tmp_path / "flood.pkl"
    path.write_bytes(b"\x80\x04" + data + b".")
    with pytest.raises(UnsafeFileError, match="more operations than any checkpoint"):
        read_official(path)


def test_a_well_formed_tensor_is_read_by_these_very_means(tmp_path: Path) -> None:
    """Else the nasty files could be refused for being badly made."""
    path = tmp_path / "fine.pkl"
    path.write_bytes(
        b"\x80\x04}(" + text("G") + module(text("_buffers") + b"}(" + text("x") + FLOATS + b"u") + b"u."
    )
    assert read_official(path)["G"].tensors["x"].shape == (1000,)


def test_references_that_double_at_every_level_end_soon(tmp_path: Path) -> None:
    path = tmp_path / "laughs.pkl"
    path.write_bytes(checkpoint_with(nested(50)))  # walked one by one they would take days
    with pytest.raises(UnsafeFileError, match="without end"):
        read_official(path)


@pytest.mark.parametrize(
    "value", [{("a", ("b",)): 1}, {2**70: 1}, {b"x": 1}], ids=["tuple", "large", "bytes"]
)
def test_keys_that_could_make_hashing_slow_are_refused(tmp_path: Path, value: object) -> None:
    path = tmp_path / "keys.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(UnsafeFileError, match="unusual keys"):
        read_official(path)


def test_a_length_beyond_the_files_end_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "long.pkl"
    path.write_bytes(b"\x80\x04\x8e" + (2**40).to_bytes(8, "little") + b"abc.")
    with pytest.raises(UnsafeFileError, match="damaged or cut short"):
        read_official(path)


def test_every_cut_of_a_good_file_is_refused(tmp_path: Path) -> None:
    data = GOOD[0].read_bytes()
    path = tmp_path / "cut.pkl"
    for length in range(0, len(data) - 1, len(data) // 60):
        path.write_bytes(data[:length])
        with pytest.raises(UnsafeFileError):
            read_official(path)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00" * 1000, b"PK\x03\x04" + b"\x00" * 100])
def test_a_file_that_is_no_pickle_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "not.pkl"
    path.write_bytes(data)
    with pytest.raises(UnsafeFileError):
        read_official(path)
