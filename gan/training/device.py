"""Where and how precisely to compute."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

import torch

from gan.contract.errors import UserError
from gan.training.places import ALONE, Place

_PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_KNOWN = {"cuda": tuple(_PRECISIONS), "cpu": ("float32", "bfloat16"), "mps": ("float32",)}
"""What a kind of device can be asked to train in."""


@dataclass(frozen=True)
class Machine:
    """The chosen device."""

    device: torch.device
    precision: torch.dtype
    """Of the highest resolutions; float32 elsewhere."""
    title: str
    """For people: `cpu (8 threads)`, `cuda (NVIDIA H200)`."""


def choose_machine(device: str, precision: str, threads: int, place: Place = ALONE) -> Machine:
    """Chooses and prepares the device.

    `auto` takes CUDA, else MPS, else the CPU; its precision is bfloat16 on CUDA where the hardware has it
    (float16 where not) and float32 elsewhere. A CPU computes in bfloat16 on request: faster where it has
    instructions for it, slower where not. Of several processes, each takes a GPU of its own.

    Raises:
        UserError: the device is not there or cannot compute in this precision.
    """
    chosen = _device(device)
    if place.count > 1:
        chosen = _shared(device, chosen, place)
    if threads:
        torch.set_num_threads(threads)
    if chosen.type == "cuda":
        torch.backends.cudnn.benchmark = True
    if chosen.type == "cpu":
        _repeat_exactly()
    return Machine(chosen, _precision(precision, chosen), _title(chosen))


def peak_memory_gb(device: torch.device) -> float:
    """Most memory held so far, in GiB: the accelerator's where there is one, else the process's own."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device) / 2**30
    if device.type == "mps":
        return torch.mps.driver_allocated_memory() / 2**30
    return _process_peak() / 2**30


def synchronise(device: torch.device) -> None:
    """Waits until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else _mps_or_cpu())
    try:
        chosen = torch.device(name)
    except RuntimeError as error:
        raise UserError(f"The device {name!r} is unknown: use auto, cpu, cuda, cuda:1 or mps.") from error
    if chosen.type not in ("cpu", "cuda", "mps"):
        raise UserError(f"The device {name!r} is not supported: use auto, cpu, cuda, cuda:1 or mps.")
    if not _is_there(chosen):
        raise UserError(f"This machine offers torch no device {name!r}: use --device auto or cpu.")
    return chosen


def _shared(name: str, device: torch.device, place: Place) -> torch.device:
    """The device of one process among several: each on a machine has a GPU of its own.

    Raises:
        UserError: there are too few, or one is named for all.
    """
    if device.type == "cpu":
        return device
    if device.type != "cuda" or ":" in name:
        raise UserError(f"Several processes cannot share the device {name!r}: use cuda, cpu or auto.")
    if torch.cuda.device_count() < place.local_count:
        raise UserError(
            f"{place.local_count} processes on this machine need as many GPUs, but torch finds "
            f"{torch.cuda.device_count()}: start fewer, or let every process see all GPUs."
        )
    return torch.device("cuda", place.local)


def _mps_or_cpu() -> str:
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _is_there(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    return device.type == "cpu" or torch.backends.mps.is_available()


def _precision(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if _computes_in_bfloat16(device) else torch.float16
    if name not in _KNOWN[device.type]:
        known = " or ".join(_KNOWN[device.type])
        raise UserError(f"{name} cannot be trained in on {device.type}: use --precision {known}.")
    return _PRECISIONS[name]


def _computes_in_bfloat16(device: torch.device) -> bool:
    """From compute capability 8 on; torch imitates it on older ones, which is slower than float16."""
    return torch.cuda.get_device_capability(device)[0] >= 8


def _repeat_exactly() -> None:
    # warn_only: an operator without a deterministic form is better than no training
    # the other form, `use_deterministic_algorithms`, loads torch's compiler: as long again as torch itself
    torch.set_deterministic_debug_mode("warn")
    # filling fresh memory costs time and changes nothing
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _title(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} threads)" if device.type == "cpu" else str(device)


def _process_peak() -> int:
    """Bytes."""
    if sys.platform == "win32":
        return _windows_peak()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # kilobytes on Linux


def _windows_peak() -> int:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of the Windows API."""

        _fields_ = (
            ("cb", wintypes.DWORD),
            ("PageFaultCount", wintypes.DWORD),
            *((f"size{number}", ctypes.c_size_t) for number in range(8)),
        )

    counters = Counters(cb=ctypes.sizeof(Counters))
    windll = ctypes.windll  # type: ignore[attr-defined, unused-ignore]
    this_process = wintypes.HANDLE(-1)  # the API's own name for it
    windll.psapi.GetProcessMemoryInfo(this_process, ctypes.byref(counters), counters.cb)
    return int(counters.size0)  # PeakWorkingSetSize


def list_devices() -> list[dict[str, Any]]:
    """The CPU and every accelerator: `device`, `name`, `cores` (of the CPU), `memory_gb`."""
    cores = os.cpu_count() or 1
    found: list[dict[str, Any]] = [
        {"device": "cpu", "name": "CPU", "cores": cores, "memory_gb": _machine_memory_gb()}
    ]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        properties = torch.cuda.get_device_properties(index)
        memory = round(properties.total_memory / 2**30, 1)
        found.append(
            {"device": f"cuda:{index}", "name": properties.name, "cores": cores, "memory_gb": memory}
        )
    if torch.backends.mps.is_available():
        found.append(
            {"device": "mps", "name": "Apple GPU", "cores": cores, "memory_gb": _machine_memory_gb()}
        )
    return found


def _machine_memory_gb() -> float | None:
    """None where the system does not tell it this way (Windows)."""
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
