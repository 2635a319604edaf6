"""A machine-independent unit of training cost.

One yardstick is the time that this process needs, on the given device and precision, for the forward and
backward pass of one 3x3 convolution, 256 to 256 channels, on a batch of 8 images of 32x32 (29 billion
operations, input, weight and output gradients included). Speeds quoted in yardsticks can be compared between
noisy machines; measure it in the process that measures the rest, before and after, and say both.
"""

import statistics
import sys
import time

import torch


def yardstick(device: str = "cpu", dtype: torch.dtype = torch.float32, repeats: int = 15) -> float:
    """Median seconds of the yardstick convolution, forward and backward."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(8, 256, 32, 32, generator=generator).to(device, dtype).requires_grad_(True)
    w = (torch.randn(256, 256, 3, 3, generator=generator) / 48).to(device, dtype).requires_grad_(True)
    seconds = []
    for _ in range(repeats + 3):
        x.grad = w.grad = None
        if device != "cpu":
            torch.cuda.synchronize()
        start = time.perf_counter()
        torch.nn.functional.conv2d(x, w, padding=1).square().mean().backward()
        if device != "cpu":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[3:])


if __name__ == "__main__":
    device = sys.argv[1] if len(sys.argv) > 1 else ("cuda" if torch.cuda.is_available() else "cpu")
    seconds, threads = yardstick(device), torch.get_num_threads()
    print(f"yardstick on {device}, float32, {threads} threads: {seconds:.4f} s, {29.0 / seconds:.0f} GFLOP/s")
