# build/cleave does not link libtorch, so that help and completion answer at once. What it must know of methods is
# generated from the registry; what needs the library is in libcleave_engine.so, which it loads when there is work.

set(cli ${CMAKE_CURRENT_SOURCE_DIR}/apps/cli)

# The torch-free part of the library, once more.
add_library(cleave_base STATIC cleave/base/fields.cpp cleave/base/text.cpp ${version})
target_include_directories(cleave_base PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_include_directories(cleave_base SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})  # for fmt alone
target_compile_definitions(cleave_base PUBLIC FMT_HEADER_ONLY=1)
target_link_libraries(cleave_base PUBLIC nlohmann_json::nlohmann_json PRIVATE cleave_settings)

# What the front knows of the registry.
file(GLOB presets CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/presets/*.toml)
add_executable(generate_catalogue ${cli}/catalogue/generate.cpp)
target_link_libraries(generate_catalogue PRIVATE cleave cleave_settings)
set(catalogue ${CMAKE_BINARY_DIR}/generated/catalogue.cpp)
add_custom_command(OUTPUT ${catalogue}.stamp BYPRODUCTS ${catalogue}
  COMMAND generate_catalogue ${catalogue}.new ${presets}
  COMMAND ${CMAKE_COMMAND} -E copy_if_different ${catalogue}.new ${catalogue}
  COMMAND ${CMAKE_COMMAND} -E touch ${catalogue}.stamp
  DEPENDS generate_catalogue ${presets} COMMENT "Catalogue of methods for the command")

# Each table of verbs has words of its own for the same things.
set(CMAKE_UNITY_BUILD OFF)

# The front, as a library for its tests too.
file(GLOB front CONFIGURE_DEPENDS ${cli}/*.cpp ${cli}/commands/*.cpp)
list(REMOVE_ITEM front ${cli}/main.cpp)
add_library(cleave_front STATIC ${front} ${catalogue} ${catalogue}.stamp)
target_include_directories(cleave_front PUBLIC $<TARGET_PROPERTY:cleave_base,INTERFACE_INCLUDE_DIRECTORIES>)
target_include_directories(cleave_front SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})
target_compile_definitions(cleave_front PUBLIC FMT_HEADER_ONLY=1 PRIVATE CLEAVE_LIBRARY_FOLDER="${CMAKE_INSTALL_LIBDIR}")
target_link_libraries(cleave_front PUBLIC nlohmann_json::nlohmann_json PRIVATE CLI11::CLI11 cleave_settings ${CMAKE_DL_LIBS})

add_executable(cleave_command ${cli}/main.cpp)
set_target_properties(cleave_command PROPERTIES OUTPUT_NAME cleave)
target_link_libraries(cleave_command PRIVATE cleave_front cleave_base cleave_settings)

# The engine.
set(CMAKE_UNITY_BUILD ${CLEAVE_UNITY})
file(GLOB engine CONFIGURE_DEPENDS ${cli}/engine/*.cpp ${cli}/verbs/*.cpp)
add_library(cleave_engine SHARED ${engine} ${cli}/console.cpp ${cli}/invocation.cpp)
target_link_libraries(cleave_engine PRIVATE cleave cleave_settings)
target_precompile_headers(cleave_engine PRIVATE <cmake/precompiled_modules.h>)
add_dependencies(cleave_command cleave_engine)
