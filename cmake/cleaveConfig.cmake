# find_package(cleave) gives cleave::cleave. libtorch is looked for where CMAKE_PREFIX_PATH or Torch_DIR say.

include(${CMAKE_CURRENT_LIST_DIR}/Torch.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/cleaveTargets.cmake)
