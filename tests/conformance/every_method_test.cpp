#include "tests/conformance/every_method.h"

#include "cleave/models/registry.h"

namespace cleave::tests {

INSTANTIATE_TEST_SUITE_P(Registry, EveryMethod, ::testing::ValuesIn(models::all_methods()), test_name);

}  // namespace cleave::tests
