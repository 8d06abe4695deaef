# What the build needs. tools/bootstrap finds or installs all of it; docs/decisions/ says why each is here.

find_package(Torch 2.13 REQUIRED)
add_library(cleave_torch INTERFACE)
target_include_directories(cleave_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(cleave_torch INTERFACE torch_cpu c10 nlohmann_json::nlohmann_json)
# libtorch ships fmt 12 headers inside its include folder: used header-only, never beside another libfmt.
target_compile_definitions(cleave_torch INTERFACE FMT_HEADER_ONLY=1)

find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(tomlplusplus 3.0 REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)

find_package(HDF5 REQUIRED COMPONENTS C)
add_library(cleave_hdf5 INTERFACE)
target_include_directories(cleave_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_link_libraries(cleave_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
