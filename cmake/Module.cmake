add_library(mcpio_warnings INTERFACE)
add_library(mcpio::warnings ALIAS mcpio_warnings)
# g++ 12 takes Asio's recycling operator delete of coroutine frames for a mismatch when it inlines,
# and sees overlapping copies in std::string where there are none (GCC bug 105651).
target_compile_options(mcpio_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror 
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

# Six files of a module are compiled as one, which takes a third of the time. Names in anonymous
# namespaces are therefore unique within a module.
option(MCPIO_UNITY "Compile the files of a module together" OFF)
if(MCPIO_UNITY)
  # g++ takes an anonymous namespace in an included .cpp file for one in a header.
  target_compile_options(mcpio_warnings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()

# mcpio_module(<name> [SOURCES <files...>] [TESTS <files...>] [USES <modules and libraries...>])
#
# One folder of src/ is one module: one static library, one namespace. Its unit tests stand beside
# the code and make one test program. USES names every module this one links; the check of
# docs/architecture.md's module table sees to it that no #include goes further.
# Modules that use Asio share one precompiled header, made by `io`; all tests share another, made by
# `test_support`.
function(mcpio_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;TESTS;USES")
  if(arg_SOURCES)
    set(scope PUBLIC)
    add_library(mcpio_${name} STATIC ${arg_SOURCES})
    target_link_libraries(mcpio_${name} PRIVATE mcpio::warnings)
    set_target_properties(mcpio_${name} PROPERTIES
      UNITY_BUILD ${MCPIO_UNITY} UNITY_BUILD_BATCH_SIZE 6)
    if("mcpio::io" IN_LIST arg_USES)
      target_precompile_headers(mcpio_${name} REUSE_FROM mcpio_io)
    endif()
  else()
    set(scope INTERFACE)
    add_library(mcpio_${name} INTERFACE)
  endif()
  add_library(mcpio::${name} ALIAS mcpio_${name})
  target_include_directories(mcpio_${name} ${scope} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(mcpio_${name} ${scope} ${arg_USES})

  if(arg_TESTS)
    add_executable(mcpio_${name}_test ${arg_TESTS})
    target_link_libraries(mcpio_${name}_test
      PRIVATE mcpio::${name} mcpio::test_support mcpio::warnings GTest::gmock GTest::gtest_main)
    target_precompile_headers(mcpio_${name}_test REUSE_FROM mcpio_test_support)
    # g++ 12 sees accesses out of bounds in std::string where there are none (GCC bug 105329).
    # Tests are built quickly rather than well: what they test is built as users run it.
    target_compile_options(mcpio_${name}_test PRIVATE -O0
      $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
      $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)
    add_test(NAME unit.${name} COMMAND mcpio_${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit)
  endif()
endfunction()
