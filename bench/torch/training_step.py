"""One training step of the mini transformer in eager torch, float32: flow matching, backward, clipping, AdamW.

Usage: training_step.py WEIGHTS INPUTS THREADS. Each line on stdin is one step on the same batch.
Answers in JSON lines: {"torch": version} when ready, then {"ms", "loss", "peakBytes"} per step.
"""

import sys
import time

import torch
from flux_stack import Stack, answer, load, peak_bytes

RATE = 1e-3


def flow_loss(stack, latents, noise, time, **given):
    share = time.view(-1, 1, 1)
    velocity = stack(latents * (1 - share) + noise * share, **given)
    return (velocity - (noise - latents)).square().mean()


def main():
    weights, inputs, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    parameters, feeds = load(weights), load(inputs)
    for tensor in parameters.values():
        tensor.requires_grad_(True)
    optimizer = torch.optim.AdamW(parameters.values(), lr=RATE, weight_decay=0.01, foreach=True)
    stack = Stack(parameters)
    answer({"torch": torch.__version__})
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = flow_loss(stack, **feeds)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        milliseconds = (time.perf_counter() - start) * 1000
        answer({"ms": milliseconds, "loss": loss.item(), "peakBytes": peak_bytes()})


main()
