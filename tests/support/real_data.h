// Real files, where CLEAVE_DATA tells of them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

/// Declares `path`, the file under $CLEAVE_DATA, or skips the test and says why.
#define CLEAVE_REAL_FILE(path, relative)                                                        \
  const char* path##_root = std::getenv("CLEAVE_DATA");                                         \
  if (path##_root == nullptr) GTEST_SKIP() << "needs real data: set CLEAVE_DATA to its folder"; \
  const std::filesystem::path path = std::filesystem::path(path##_root) / (relative);           \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent: see docs/data_formats.md"
