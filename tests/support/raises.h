// Asserting that an error says what it should.
#pragma once

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"

/// The statement throws the error, and its message contains the text.
#define EXPECT_RAISES(statement, error, text) \
  EXPECT_THAT([&] { statement; }, ::testing::ThrowsMessage<error>(::testing::HasSubstr(text)))

namespace cleave::tests {

/// What the error says that `call` throws.
template <class E, class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace cleave::tests
