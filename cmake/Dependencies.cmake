# What the build needs. tools/bootstrap finds or installs all of it; docs/decisions/ says why each is here.

include(${CMAKE_CURRENT_LIST_DIR}/Torch.cmake)
# What is installed finds its neighbours beside it, and the rest where the build found it.
set(CMAKE_INSTALL_RPATH "$ORIGIN;$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${TORCH_INSTALL_PREFIX}/lib")
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
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
