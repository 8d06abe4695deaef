# How everything of ours is compiled.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # with assertions of ours: none is in a hot loop

find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header changes its time stamp at every build; its content is what counts.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

# What takes long is the same for every file: templates of libtorch's headers. So several are compiled as one.
set(CMAKE_UNITY_BUILD ${CLEAVE_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)

add_library(cleave_settings INTERFACE)
# at::parallel_for is a template that runs serially unless the file that uses it is compiled for OpenMP. GCC's runtime
# is the one that libtorch brings (libgomp.so.1); Clang's would be a second one in the same program.
target_compile_options(cleave_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fopenmp>)
target_link_options(cleave_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fopenmp>)
target_compile_options(cleave_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-unused-parameter -Wno-missing-field-initializers -fno-math-errno
  # Contraction to fused multiply-add differs between processors; drawn data must not.
  -ffp-contract=off
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  $<$<BOOL:${CLEAVE_WERROR}>:-Werror>)
if(CLEAVE_SANITIZE)
  # Checks of every pointer double the time of compiling; what they find, AddressSanitizer finds where it matters.
  add_compile_options(-fsanitize=${CLEAVE_SANITIZE} -fno-sanitize=null,alignment,vptr,object-size
    -fno-omit-frame-pointer -g1 -O1)
  add_link_options(-fsanitize=${CLEAVE_SANITIZE})
endif()
