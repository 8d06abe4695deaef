# Run at every build (cmake -P): writes generated/version.cpp where the commit is another than the last build's.
# A build of files that no commit holds says so, that a recorded result cannot name a commit it was not obtained from.
set(CLEAVE_COMMIT unknown)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} rev-parse --short=12 HEAD WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(commit)
    execute_process(COMMAND ${GIT} status --porcelain -- cleave apps cmake CMakeLists.txt WORKING_DIRECTORY ${SOURCE}
      OUTPUT_VARIABLE changes ERROR_QUIET)
    set(CLEAVE_COMMIT ${commit})
    if(changes)
      string(APPEND CLEAVE_COMMIT "+changes")
    endif()
  endif()
endif()
configure_file(${SOURCE}/cleave/base/version.cpp.in ${OUTPUT} @ONLY)
