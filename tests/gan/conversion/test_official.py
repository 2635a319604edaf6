"""Official checkpoints give their tensors; hostile files give a sentence, and nothing in them ever runs."""

from __future__ import annotations

import json
import pickle
import resource
import subprocess
import sys
import time
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
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=True,
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
    return b"\x8c" + bytes([len(value)]) + value.encode()


def checkpoint_with(arguments: object) -> bytes:
    """A checkpoint whose generator's constructor arguments are that value."""
    inner = pickle.dumps(arguments, 2)[2:-1]  # without its protocol and its end
    names = text("torch_utils.persistence") + text("_reconstruct_persistent_obj")
    meta = text("type") + text("class") + text("version") + b"K\x06" + text("class_name") + text("Generator")
    state = text("state") + b"}(" + text("_init_kwargs") + inner + b"u"
    return b"\x80\x04}(" + text("G_ema") + names + b"\x93}(" + meta + state + b"u\x85Ru."


def test_references_that_double_at_every_level_end_soon(tmp_path: Path) -> None:
    path = tmp_path / "laughs.pkl"
    path.write_bytes(checkpoint_with(nested(50)))
    start = time.monotonic()
    with pytest.raises(UnsafeFileError, match="without end"):
        read_official(path)
    assert time.monotonic() - start < 30


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
