// Real files, where CLEAVE_DATA tells of them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

/// Declares the variable `name`, the path of a file under $CLEAVE_DATA, or skips the test and says why.
#define CLEAVE_REAL_FILE(name, relative)                                                        \
  const char* name##_root = std::getenv("CLEAVE_DATA");                                         \
  if (name##_root == nullptr) GTEST_SKIP() << "needs real data: set CLEAVE_DATA to its folder"; \
  const auto name = std::filesystem::path(name##_root) / (relative);                            \
  if (!std::filesystem::exists(name)) GTEST_SKIP() << name << " is absent: see docs/data_formats.md"
