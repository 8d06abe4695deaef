"""A finished run is asked: about which data, into which file, and how it came about."""

import html
import os
import re
import subprocess
import unittest

from cleave_command import COMMAND, InEmptyFolder, write_npz


class AskingARun(InEmptyFolder):
    def setUp(self):
        super().setUp()
        labels = [i % 2 for i in range(60)]
        x = [9.0 * label + 0.01 * i + column for i, label in enumerate(labels) for column in range(2)]
        write_npz(self.folder / "heaps.npz", x=("<f4", [60, 2], x), label=("<i8", [60], labels), n_train=("<i8", [], [40]))
        rows = "".join(f"{x[2 * i]:.2f},{x[2 * i + 1]:.2f}\n" for i in range(60))
        self.write("heaps.csv", "a,b\n" + rows)

    def fitted(self, method="kmeans", data="heaps.npz", out="run"):
        self.output("train", method, data, "--clusters", "2", "--threads", "1", "--out", out)
        return self.folder / out


class Data(AskingARun):
    def test_an_option_without_data_changes_the_runs_own(self):
        run = self.fitted()
        self.assertEqual(self.json("evaluate", "run")["n"], 60)
        kept = {name: (run / name).read_bytes() for name in ("evaluation.json", "assignments.csv", "report.html")}
        self.assertEqual(self.json("evaluate", "run", "--split", "test")["n"], 20)
        self.assertEqual(len(self.output("assign", "run", "--split", "test").splitlines()), 21)
        self.assertEqual(self.json("embed", "run", "--split", "train")["n"], 40)
        self.assertEqual(self.json("map", "run", "--projection", "pca", "--split", "test")["n"], 20)
        for name, content in kept.items():
            self.assertEqual((run / name).read_bytes(), content, name)

    def test_the_same_data_by_an_option_are_still_the_runs_own(self):
        run = self.fitted()
        (run / "evaluation.json").unlink()
        self.output("evaluate", "run", "--split", "all", "--data-root", self.folder)
        self.assertTrue((run / "evaluation.json").exists())

    def test_data_that_have_changed_are_no_longer_the_runs_own(self):
        run = self.fitted(data="heaps.csv")
        before = (run / "evaluation.json").read_bytes()
        with open(self.folder / "heaps.csv", "a", encoding="utf-8") as file:
            file.write("1,2\n")
        for words in ([], ["--split", "all"]):
            self.assertIn("no longer the data that run was fitted to", self.refusal(3, "evaluate", "run", *words))
        self.assertEqual(self.json("evaluate", "run", "heaps.csv")["n"], 61)
        self.assertEqual((run / "evaluation.json").read_bytes(), before)

    def test_drawn_sets_are_drawn_as_asked(self):
        self.fitted(data="circles")
        self.assertEqual(self.json("evaluate", "run", "--size", "50", "--data-seed", "3")["n"], 50)

    def test_an_option_that_the_data_have_no_use_for_is_refused(self):
        self.fitted()
        for option in ("--size", "--data-seed"):
            self.assertIn(f"{option}: is for sets that are drawn", self.refusal(2, "evaluate", "run", option, "7"))
            self.assertIn(option, self.refusal(2, "assign", "run", "heaps.npz", option, "7"))
        fit = ["train", "kmeans", "heaps.npz", "--out", "other"]
        self.assertIn("needs --artificial", self.refusal(2, *fit, "--artificial-share", "0.5"))
        self.assertIn("leave out --augment-rotation", self.refusal(2, *fit, "--augment-rotation", "5"))
        self.assertIn("for images", self.refusal(2, "cluster", "heaps.npz", "-k", "2", "--augment", "--out", "other"))
        self.assertFalse((self.folder / "other").exists())


class Files(AskingARun):
    def test_the_data_are_never_replaced(self):
        self.fitted(data="heaps.csv")
        before = (self.folder / "heaps.csv").read_bytes()
        for words in (["heaps.csv"], []):
            for verb in ("assign", "embed"):
                self.assertIn("the data themselves", self.refusal(2, verb, "run", *words, "--out", "./heaps.csv"))
        self.assertEqual((self.folder / "heaps.csv").read_bytes(), before)

    def test_files_of_a_run_are_left_to_the_verbs_that_write_them(self):
        run = self.fitted()
        self.fitted(out="other")
        before = {path: path.read_bytes() for path in run.iterdir() if path.is_file()}
        for words in (["embed", "run", "--out", "run/assignments.csv"], ["embed", "run", "--out", "run/map.npy"],
                      ["assign", "run", "heaps.csv", "--out", "run/assignments.csv"],
                      ["assign", "other", "--out", "run/assignments.csv"],
                      ["compare", "run", "other", "--out", "run/report.html"]):
            self.assertIn("belongs to the run", self.refusal(2, *words))
        self.assertEqual({path: path.read_bytes() for path in before}, before)
        self.output("assign", "run", "--out", "run/assignments.csv")
        self.output("embed", "run", "--out", self.folder / "run" / "embedding.npy")
        self.output("embed", "run", "heaps.csv", "--out", "run/others.npy")
        self.assertEqual({path: path.read_bytes() for path in before}, before)


    def test_codes_are_told_apart_by_ids(self):
        self.write("named.csv", "id,a,b\n" + "".join(f"row {i},{9 * (i % 2) + 0.01 * i:.2f},{i}\n" for i in range(20)))
        self.fitted(data="named.csv")
        self.output("embed", "run", "--out", "codes.csv")
        lines = (self.folder / "codes.csv").read_text(encoding="utf-8").splitlines()
        self.assertRegex(lines[0], "^index,id,z0")
        self.assertRegex(lines[4], "^3,row 3,[-0-9.e]+")


class Latents(AskingARun):
    def test_codes_that_follow_from_clusters_are_not_moved_along(self):
        for method in ("kmeans", "gmm"):
            self.fitted(method, out=method)
            for words in (["traverse"], ["interpolate"], ["edit", "--minus", "0", "--plus", "1"]):
                message = self.refusal(2, words[0], method, *words[1:], "--out", "x.npy")
                self.assertIn(f"[{method}] this method has no latents to decode", message)
        self.assertFalse((self.folder / "x.npy").exists())

    def test_a_method_without_samples_is_called_by_its_name(self):
        self.fitted()
        self.assertIn("cleave: [kmeans] this method draws no samples", self.refusal(2, "sample", "run"))


class Repeating(AskingARun):
    def test_the_line_in_the_report_does_it_again(self):
        (self.folder / "my data.npz").write_bytes((self.folder / "heaps.npz").read_bytes())
        first = self.fitted(data="my data.npz", out="runs/a place")
        page = (first / "report.html").read_text(encoding="utf-8")
        line = html.unescape(re.sub("<[^>]*>", "", re.findall("<pre>.*?</pre>", page)[-1]))
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "cleave").symlink_to(COMMAND)
        subprocess.run(["sh", "-c", line], cwd="/", check=True, capture_output=True,
                       env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
        again = self.folder / "runs" / "kmeans-my data-0"
        self.assertEqual((again / "model.safetensors").read_bytes(), (first / "model.safetensors").read_bytes())


if __name__ == "__main__":
    unittest.main()
