# `cmake --install BUILD --prefix P`: the command, the library, its headers, and what find_package(cleave) reads.

include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/cleave)

install(TARGETS cleave EXPORT cleave LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION include)
if(TARGET cleave_command)
  install(TARGETS cleave_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(TARGETS cleave_engine LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY cleave DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
  PATTERN "readers" EXCLUDE PATTERN "toml.h" EXCLUDE)
install(DIRECTORY presets DESTINATION ${CMAKE_INSTALL_DATADIR}/cleave)

install(EXPORT cleave NAMESPACE cleave:: FILE cleaveTargets.cmake DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cleaveConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/cleaveConfig.cmake cmake/Torch.cmake ${CMAKE_BINARY_DIR}/cleaveConfigVersion.cmake
  DESTINATION ${package})
