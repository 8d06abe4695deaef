"""Runs the built command, and makes small data for it."""

import json
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("CLEAVE_COMMAND", str(ROOT / "build" / "cleave"))


def start(*words, **more):
    """The command as a process, with one thread so that runs are comparable."""
    words = [COMMAND, *map(str, words)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def run(*words, expect=0, timeout=300, **more):
    """(stdout, stderr) of the finished command; fails unless it exits with the expected code within `timeout` seconds."""
    process = start(*words, **more)
    out, err = process.communicate(timeout=timeout)
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


def write_npz(path, **arrays):
    """A file of arrays by name, each as (kind, shape, values): kind "<f4" or "<i8"."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (kind, shape, values) in arrays.items():
            header = str({"descr": kind, "fortran_order": False, "shape": tuple(shape)}).ljust(117) + "\n"
            code = {"<f4": "f", "<i8": "q"}[kind]
            archive.writestr(name + ".npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                             + struct.pack(f"<{len(values)}{code}", *values))


class InEmptyFolder(unittest.TestCase):
    """Commands run in a folder of their own, without a data folder unless a test names one."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cleave-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def command(self, *words, expect=0, **environment):
        """(stdout, stderr) of the command under these environment variables."""
        clean = {key: value for key, value in os.environ.items() if key != "CLEAVE_DATA"}
        return run(*words, expect=expect, cwd=self.folder, env={**clean, **environment})

    def output(self, *words, **environment):
        return self.command(*words, **environment)[0]

    def json(self, *words, **environment):
        """The one JSON object that the command prints."""
        lines = self.output(*words, "--json", **environment).splitlines()
        self.assertEqual(len(lines), 1, lines)
        return json.loads(lines[0])

    def refusal(self, code, *words, **environment):
        """What a command that ends with this code says on standard error; on standard output it says nothing."""
        out, err = self.command(*words, expect=code, **environment)
        self.assertEqual(out, "")
        self.assertNotIn("frame #", err)
        return err

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")


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
