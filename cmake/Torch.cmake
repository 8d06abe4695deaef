# cleave::torch: what headers of cleave need. The build includes this file, and so does whoever finds an installed cleave.
#
# libtorch's own package file is not asked: in a copy built for CUDA (what pip gives on most machines) it refuses to be
# found where the CUDA toolkit is absent, though the processor half, which is all that cleave links, is there.

string(REPLACE ":" ";" prefixes "$ENV{CMAKE_PREFIX_PATH}")
find_path(Torch_DIR TorchConfig.cmake HINTS $ENV{Torch_DIR} ${CMAKE_PREFIX_PATH} ${prefixes}
  PATH_SUFFIXES Torch share/cmake/Torch REQUIRED)
get_filename_component(TORCH_INSTALL_PREFIX ${Torch_DIR}/../../.. ABSOLUTE)
include(${Torch_DIR}/TorchConfigVersion.cmake)
if(PACKAGE_VERSION VERSION_LESS 2.13)
  message(FATAL_ERROR "libtorch ${PACKAGE_VERSION} in ${TORCH_INSTALL_PREFIX} is too old: 2.13 or newer is needed")
endif()
message(STATUS "libtorch ${PACKAGE_VERSION} in ${TORCH_INSTALL_PREFIX}")
set(TORCH_INCLUDE_DIRS ${TORCH_INSTALL_PREFIX}/include ${TORCH_INSTALL_PREFIX}/include/torch/csrc/api/include)

find_package(nlohmann_json 3.11 REQUIRED)
if(NOT TARGET cleave::torch)
  add_library(cleave::torch INTERFACE IMPORTED)
  target_include_directories(cleave::torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  foreach(part torch_cpu c10)
    find_library(${part}_library ${part} PATHS ${TORCH_INSTALL_PREFIX}/lib NO_DEFAULT_PATH REQUIRED)
    target_link_libraries(cleave::torch INTERFACE ${${part}_library})
  endforeach()
  target_link_libraries(cleave::torch INTERFACE nlohmann_json::nlohmann_json)
  # libtorch ships fmt 12 headers inside its include folder: used header-only, never beside another libfmt.
  target_compile_definitions(cleave::torch INTERFACE FMT_HEADER_ONLY=1)
endif()
