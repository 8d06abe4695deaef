"""What the command answers without computing: help, completion, refusals, settings files."""

import json
import os
import pathlib
import subprocess
import unittest

from cleave_command import COMMAND, InEmptyFolder


class Help(InEmptyFolder):
    def verbs(self):
        """Every verb, two words where a verb has parts."""
        known = []
        for verb in self.output("--candidates", "").split():
            if verb.startswith("-"):
                continue
            parts = self.output("--candidates", verb, "").split() if verb == "data" else []
            known += [(verb, part) for part in parts] or [(verb,)]
        return known

    def test_every_verb_has_a_page_with_usage_and_examples(self):
        verbs = self.verbs()
        self.assertGreater(len(verbs), 10)
        for verb in verbs:
            page = self.output(*verb, "--help")
            self.assertIn("usage: cleave " + " ".join(verb), page)
            self.assertIn("Examples:", page)
            self.assertIn("--json", page)

    def test_the_overview_lists_every_verb(self):
        overview = self.output("--help")
        for verb in self.verbs():
            self.assertIn(" ".join(verb), overview)

    def test_help_before_or_behind_the_verb_is_the_same(self):
        self.assertEqual(self.output("help", "train"), self.output("train", "--help"))

    def test_the_page_of_a_method_lists_its_settings_with_ranges(self):
        self.assertRegex(self.output("train", "kmeans", "--help"), r"--clusters INT\s+.*\n?.*>= ")

    def test_no_colours_where_there_is_no_terminal(self):
        self.assertNotIn("\033", self.output("--help"))

    def test_cluster_says_on_its_page_what_it_takes_for_which_data(self):
        source = pathlib.Path(__file__).resolve().parents[2] / "cleave" / "experiment" / "recommend.cpp"
        known = [method["name"] for method in json.loads(self.output("models", "--json"))["methods"]]
        recipes = [name for name in known if f'"{name}"' in source.read_text(encoding="utf-8")]
        self.assertGreater(len(recipes), 3)
        page = self.output("cluster", "--help")
        for name in recipes:
            self.assertIn(name, page)

    def test_libtorch_is_not_loaded(self):
        for words in (["--help"], ["train", "--help"], ["completion", "bash"], ["models"], ["--candidates", ""]):
            _, loaded = self.command(*words, LD_DEBUG="files")
            self.assertIn("libc.so", loaded)
            self.assertNotIn("libtorch", loaded, words)


class Completion(InEmptyFolder):
    def test_the_scripts_parse(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.output("completion", shell)
            self.assertIn("cleave", script)
            try:
                check = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
            except FileNotFoundError:
                continue  # that shell is not on this machine
            self.assertEqual(check.returncode, 0, check.stderr)

    def test_bash_completes_verbs_methods_and_flags(self):
        script = self.output("completion", "bash")
        for line, expected in (("cleave tra", "train"), ("cleave train kme", "kmeans"),
                               ("cleave train kmeans x --clus", "--clusters"), ("cleave data ins", "inspect"),
                               ("cleave train kmeans x --precision bf", "bfloat16")):
            words = line.split(" ")
            ask = (f'{script}\ncleave() {{ "{COMMAND}" "$@"; }}\n'
                   f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _cleave; echo \"${{COMPREPLY[@]}}\"")
            answer = subprocess.run(["bash", "-c", ask], capture_output=True, text=True).stdout.split()
            self.assertIn(expected, answer, line)

    def test_candidates_for_a_value_are_its_words(self):
        self.assertEqual(self.output("--candidates", "data", "inspect", "x", "--split", "").split(),
                         ["all", "train", "test"])


class Refusals(InEmptyFolder):
    def test_unknown_words_get_a_suggestion_and_code_2(self):
        for words, suggestion in ((["trian"], "'train'"), (["data", "lst"], "'data list'"),
                                  (["train", "kmean", "x.csv"], "'kmeans'"),
                                  (["train", "kmeans", "mnits"], "'mnist'"),
                                  (["train", "kmeans", "x.csv", "--clutsers", "3"], "'--clusters'"),
                                  (["train", "--clutsers", "3", "kmeans", "x.csv"], "'--clusters'"),
                                  (["train", "x.csv", "--preset", "vade-published", "--sede", "3"], "'--seed'"),
                                  (["train", "kmeans", "x.csv", "--latent-dim", "3"], "vade"),
                                  (["train", "kmeans", "x.csv", "--preset", "vade-publish"], "'vade-published'"),
                                  (["completion", "bsh"], "'bash'")):
            message = self.refusal(2, *words)
            self.assertIn(suggestion, message)
            self.assertIn("see cleave", message)
            self.assertNotIn("internal", message)

    def test_a_value_out_of_range_names_flag_and_range(self):
        message = self.refusal(2, "train", "kmeans", "x.csv", "--batch-size", "0")
        self.assertIn("--batch-size", message)
        self.assertIn(">= 1", message)
        for words, flag in ((["train", "kmeans", "x.csv"], "--restarts"), (["train", "gmm", "x.csv"], "--epochs"),
                            (["evaluate", "run"], "--iwae-samples")):
            self.assertIn(flag + ": expected", self.refusal(2, *words, flag, str(2**62)))

    def test_a_flag_without_value_or_given_twice_is_refused(self):
        self.assertIn("--seed needs a value", self.refusal(2, "train", "kmeans", "x.csv", "--seed"))
        self.assertIn("needs a value", self.refusal(2, "train", "kmeans", "x.csv", "--out", "--json=false"))
        self.assertIn("2 times", self.refusal(2, "train", "kmeans", "x.csv", "--seed", "1", "--seed", "2"))

    def test_missing_and_superfluous_words_are_named(self):
        self.assertIn("DATA is missing", self.refusal(2, "train", "kmeans"))
        self.assertIn("'three'", self.refusal(2, "models", "kmeans", "three"))

    def test_with_json_the_error_is_one_object_on_standard_output(self):
        out, _ = self.command("trian", "--json", expect=2)
        error = json.loads(out)["error"]
        self.assertEqual(error["kind"], "usage")
        self.assertIn("did you mean 'train'", error["message"])

    def test_a_full_disk_behind_standard_output_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([COMMAND, "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)
        for nobody in (">/dev/full", ">&-"):
            done = subprocess.run(f"'{COMMAND}' models --json {nobody}", shell=True, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 1, nobody)
            self.assertIn("standard output", done.stderr)

    def test_standard_error_that_cannot_be_written_changes_no_exit_code(self):
        for words, code in (("trian", 2), ("trian --json", 2), ("--help >/dev/full", 1), ("--help >&-", 1)):
            for nobody in ("2>/dev/full", "2>&-"):
                done = subprocess.run(f"'{COMMAND}' {words} {nobody}", shell=True, stdout=subprocess.PIPE)
                self.assertEqual(done.returncode, code, f"{words} {nobody}")


class SettingsFiles(InEmptyFolder):
    def refuse(self, text, *parts):
        self.write("settings.toml", text)
        message = self.refusal(2, "train", "kmeans", "x.csv", "--config", "settings.toml")
        for part in parts:
            self.assertIn(part, message)

    def test_what_is_not_toml_is_refused_with_line_and_column(self):
        self.refuse("seed = \n", "settings.toml:1:")

    def test_unknown_keys_are_refused_with_place_and_suggestion(self):
        self.refuse("[method]\nclustres = 3\n", "settings.toml:2:1", "'clusters'")
        self.refuse("[trainig]\n", "settings.toml:1:", "'training'")
        self.refuse("sede = 3\n", "settings.toml:1:1", "'seed'")

    def test_a_wrong_type_is_refused_with_the_place(self):
        self.refuse("[training]\nbatch_size = 'many'\n", "settings.toml:2:", "whole number")

    def test_a_file_for_another_method_is_refused(self):
        self.refuse("[method]\nname = 'pca'\n", "is for the method pca, not for kmeans")

    def test_an_absent_file_is_named(self):
        self.assertIn("absent.toml", self.refusal(3, "train", "kmeans", "x.csv", "--config", "absent.toml"))


class Models(InEmptyFolder):
    def test_the_catalogue_is_one_json_object(self):
        methods = {method["name"]: method for method in self.json("models")["methods"]}
        self.assertIn("kmeans", methods)
        for method in methods.values():
            for key in ("title", "summary", "source", "abilities", "settings", "presets"):
                self.assertTrue(method[key] or key in ("presets", "settings", "abilities"), (method["name"], key))

    def test_one_method_shows_its_settings(self):
        self.assertIn("--clusters", self.output("models", "kmeans"))
        self.assertEqual(self.json("models", "kmeans")["name"], "kmeans")


if __name__ == "__main__":
    unittest.main()
