// For files that see networks. Apart, because every file pays again for the templates that torch's module header uses:
// three seconds that the layers below need not spend.
#pragma once

#include <torch/nn/module.h>

#include "cmake/precompiled.h"
