// Asserting that an error says what it should.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"

/// The statement throws the error, and its message contains the text.
#define EXPECT_RAISES(statement, error, text) \
  EXPECT_THAT([&] { statement; }, ::testing::ThrowsMessage<error>(::testing::HasSubstr(text)))
