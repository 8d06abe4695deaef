# cleave::torch: what headers of cleave need. The build includes this file, and so does whoever finds an installed cleave.

find_package(Torch 2.13 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
if(NOT TARGET cleave::torch)
  add_library(cleave::torch INTERFACE IMPORTED)
  target_include_directories(cleave::torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(cleave::torch INTERFACE torch_cpu c10 nlohmann_json::nlohmann_json)
  # libtorch ships fmt 12 headers inside its include folder: used header-only, never beside another libfmt.
  target_compile_definitions(cleave::torch INTERFACE FMT_HEADER_ONLY=1)
endif()
