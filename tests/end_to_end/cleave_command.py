"""Runs the built command, and makes small data for it."""

import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("CLEAVE", str(ROOT / "build" / "cleave"))


def start(*words, **more):
    """The command as a process, with one thread so that runs are comparable."""
    words = [COMMAND, *map(str, words)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def run(*words, expect=0, **more):
    """(stdout, stderr) of the finished command; fails unless it exits with the expected code."""
    process = start(*words, **more)
    out, err = process.communicate(timeout=300)
    if process.returncode != expect:
        raise AssertionError(f"{words}: exit code {process.returncode}, expected {expect}\n{out}\n{err}")
    return out, err


def result(*words, **more):
    """The JSON object that the command prints."""
    return json.loads(run(*words, "--json", **more)[0].splitlines()[-1])


def write_blobs(path, rows=600, features=12, clusters=3, seed=1):
    """A csv file of round clusters with their label in the last column."""
    draw = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(f"x{i}" for i in range(features)) + ",label\n")
        for row in range(rows):
            values = [draw.gauss(5.0 * (i % clusters == row % clusters), 1) for i in range(features)]
            file.write(",".join(f"{v:.6f}" for v in values) + f",class {row % clusters}\n")


class InTemporaryFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cleave-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.blobs = self.folder / "blobs.csv"
        write_blobs(self.blobs)

    def vade(self, epochs=20):
        """Words that train a small vade on the blobs, writing a checkpoint after nearly every step."""
        return ["train", "vade", self.blobs, "--label-column", "label", "--clusters", 3, "--latent-dim", 2,
                "--hidden", 32, "--pretrain-epochs", epochs // 2, "--epochs", epochs, "--batch-size", 50,
                "--checkpoint-seconds", 0.02, "--threads", 1]
