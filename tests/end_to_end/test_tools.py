"""Verbs that look at the machine and at files."""

import json
import os
import unittest

from cleave_command import InEmptyFolder


class Doctor(InEmptyFolder):
    def test_json_holds_what_a_bug_report_needs(self):
        report = self.json("doctor")
        for key in ("version", "commit", "libtorch", "processor", "threads", "gflops", "memory_bytes", "problems"):
            self.assertIn(key, report)
        self.assertGreater(report["gflops"]["float32"], 0.1)

    def test_a_data_folder_that_does_not_exist_is_a_problem_in_words(self):
        problems = self.json("doctor", CLEAVE_DATA="/nowhere/at/all")["problems"]
        self.assertTrue(any("/nowhere/at/all" in problem for problem in problems), problems)

    def test_a_data_folder_that_was_asked_for_by_a_flag_is_missed_too(self):
        problems = self.json("doctor", "--data-root", "/nowhere/at/all")["problems"]
        self.assertTrue(any("/nowhere/at/all" in problem for problem in problems), problems)

    def test_the_flag_wins_over_the_environment(self):
        self.assertEqual(self.json("doctor", "--data-root", self.folder, CLEAVE_DATA="/nowhere")["data_root"],
                         str(self.folder))


class Inspect(InEmptyFolder):
    def test_a_data_file_is_described(self):
        self.write("table.csv", "1,2\n3,4\n5,7\n")
        self.assertEqual(self.json("inspect", "table.csv")["holds"], "data")

    def test_a_run_and_its_model_are_described(self):
        self.write("table.csv", "1,2\n3,4\n5,7\n9,9\n")
        self.output("train", "kmeans", "table.csv", "--clusters", "2", "--out", "run")
        run = self.json("inspect", "run")
        self.assertTrue(run["finished"])
        self.assertIn("kmeans", run["config"])
        tensors = self.json("inspect", "run/model.safetensors")["tensors"]
        self.assertIn([2, 2], [tensor["shape"] for tensor in tensors])

    def test_a_damaged_model_ends_with_code_4(self):
        self.write("model.safetensors", "not a model")
        self.assertIn("model.safetensors", self.refusal(4, "inspect", "model.safetensors"))

    def test_an_absent_file_ends_with_code_3(self):
        self.assertIn("absent", self.refusal(3, "inspect", "absent"))


class Data(InEmptyFolder):
    def test_list_says_which_sets_are_at_hand(self):
        sets = {entry["name"]: entry for entry in self.json("data", "list", "--data-root", self.folder)["sets"]}
        self.assertFalse(sets["mnist"]["at_hand"])

    def test_inspect_describes_a_table(self):
        self.write("table.csv", "a,b\n1,2\n3,4\n5,6\n")
        table = self.json("data", "inspect", "table.csv")
        self.assertEqual((table["examples"], table["shape"]), (3, [2]))

    def test_convert_writes_what_inspect_reads(self):
        self.write("table.csv", "1,2\n3,4\n5,7\n")
        self.output("data", "convert", "table.csv", "table.npz")
        before, after = (self.json("data", "inspect", name) for name in ("table.csv", "table.npz"))
        self.assertEqual(before["checksum"], after["checksum"])

    def test_convert_never_replaces_what_it_reads(self):
        self.write("table.csv", "1,2\n3,4\n5,7\n")
        self.output("data", "convert", "table.csv", "table.npz")
        before = (self.folder / "table.npz").read_bytes()
        self.assertIn("the data themselves", self.refusal(2, "data", "convert", "table.npz", "./table.npz"))
        self.assertEqual((self.folder / "table.npz").read_bytes(), before)

    def test_an_option_that_the_data_have_no_use_for_is_refused(self):
        self.write("table.csv", "1,2\n3,4\n5,7\n")
        self.assertIn("--size", self.refusal(2, "data", "inspect", "table.csv", "--size", "2"))
        self.assertIn("--label-column", self.refusal(2, "data", "inspect", "circles", "--label-column", "0"))

    def test_an_unusable_file_ends_with_code_3_and_its_place(self):
        self.write("bad.csv", "a,b\n1,2\n3,x\n")
        self.assertIn("bad.csv", self.refusal(3, "data", "inspect", "bad.csv"))
        out, _ = self.command("data", "inspect", "bad.csv", "--json", expect=3)
        self.assertEqual(json.loads(out)["error"]["kind"], "data")

    def test_a_set_that_is_absent_says_where_to_get_it(self):
        self.assertIn("fetch", self.refusal(3, "data", "inspect", "mnist", "--data-root", self.folder))

    @unittest.skipUnless("CLEAVE_DATA" in os.environ, "CLEAVE_DATA is unset: no real data")
    def test_real_digits_are_described(self):
        digits = self.json("data", "inspect", "mnist", CLEAVE_DATA=os.environ["CLEAVE_DATA"])
        self.assertEqual((digits["examples"], digits["shape"], len(digits["labels"])), (70000, [1, 28, 28], 10))


if __name__ == "__main__":
    unittest.main()
