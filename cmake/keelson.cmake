# SPDX-License-Identifier: Apache-2.0
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_LINK_LIBRARIES_ONLY_TARGETS ON)   # a typo in a dependency is an error
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)  # every header compiles on its own: target all_verify_interface_header_sets

# Programs are compiled as libraries are, so that one precompiled header serves both.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)
add_compile_options(-pthread)

find_program(CCACHE ccache)
if(CCACHE)
    # A miss costs no second run of the preprocessor (depend); the two liberties are those that its manual asks for with
    # precompiled headers.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND NOT APPLE AND NOT WIN32)
    add_link_options(-fuse-ld=mold)
endif()
if(KEELSON_SANITIZE)
    add_compile_options(-fsanitize=${KEELSON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${KEELSON_SANITIZE})
    # What the sanitizers read when a test runs. clang-19's look for a symbolizer of their own version only; any will do.
    find_program(KEELSON_SYMBOLIZER NAMES llvm-symbolizer-19 llvm-symbolizer)
    if(KEELSON_SYMBOLIZER)
        set(KEELSON_SYMBOLIZER_OPTION :external_symbolizer_path=${KEELSON_SYMBOLIZER})
    endif()
    set(KEELSON_SUPPRESSIONS ${CMAKE_SOURCE_DIR}/tests/support/thread_sanitizer.supp)
    set(KEELSON_TEST_ENVIRONMENT
        ASAN_OPTIONS=detect_leaks=1${KEELSON_SYMBOLIZER_OPTION}
        UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1${KEELSON_SYMBOLIZER_OPTION}
        TSAN_OPTIONS=suppressions=${KEELSON_SUPPRESSIONS}:ignore_noninstrumented_modules=1:second_deadlock_stack=1${KEELSON_SYMBOLIZER_OPTION})
endif()

# Beast asserts that the last chunk of a body has come with five bytes when it was begun before; who sends it byte by byte
# would end a build that has assertions. Without them it is parsed.
add_compile_definitions(BOOST_DISABLE_ASSERTS)
if(KEELSON_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What is tested is optimised; the tests compile faster.
set(KEELSON_TEST_OPTIONS $<$<CONFIG:Debug>:-O0>)
# A precompiled header without its time in it, so that ccache knows it again.
set(KEELSON_STABLE_HEADERS $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)

set(KEELSON_MODULES_FILE ${CMAKE_BINARY_DIR}/modules.txt)
file(WRITE ${KEELSON_MODULES_FILE} "")

# What all code of ours is compiled with.
function(keelson_compile_options target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                                             -Wno-missing-field-initializers)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        target_compile_options(${target} PRIVATE -Wthread-safety -Wno-missing-designated-field-initializers)
    endif()
endfunction()

# keelson_precompiled(<target> [test] DEPENDS <module>... LINK <external target>...): the headers that most units include, compiled
# once for all targets of one sort: `objects`, who depend on api, see its values and generated structs; `json`, others who link Boost::json;
# `qt`, who link Qt, its widgets; `test`, GoogleTest. They are a saving, never a meaning: each unit includes what it needs, and KEELSON_PCH=OFF builds the same.
function(keelson_precompiled target)
    if(NOT KEELSON_PCH)
        return()
    endif()
    cmake_parse_arguments(arg "test" "" "DEPENDS;LINK" ${ARGN})
    set(name keelson_precompiled)
    if("api" IN_LIST arg_DEPENDS)
        set(objects ON)
        string(APPEND name _objects)
    elseif(arg_LINK MATCHES "Boost::json")
        set(json ON)
        string(APPEND name _json)
    endif()
    if(arg_LINK MATCHES "Qt6::")
        set(qt ON)
        string(APPEND name _qt)
    endif()
    if(arg_test)
        string(APPEND name _test)
    endif()
    if(NOT TARGET ${name})
        file(WRITE ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp "")
        add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
        set(headers <algorithm> <array> <atomic> <chrono> <cstdint> <deque> <filesystem> <functional> <map> <memory> <mutex>
                    <optional> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
                    <fmt/format.h>)
        target_link_libraries(${name} PRIVATE fmt::fmt)
        if(objects)
            list(APPEND headers <api/apps_v1.h> <api/core_v1.h> <api/meta_v1.h> <api/value.h>)
            target_link_libraries(${name} PRIVATE keelson_api)
        endif()
        if(json)
            list(APPEND headers <boost/json/array.hpp> <boost/json/object.hpp> <boost/json/value.hpp>)
            target_link_libraries(${name} PRIVATE Boost::json)
        endif()
        if(qt)
            list(APPEND headers <QHash> <QLabel> <QObject> <QPainter> <QString> <QTimer> <QVBoxLayout> <QWidget>)
            target_link_libraries(${name} PRIVATE Qt6::Widgets)
        endif()
        if(arg_test)
            list(APPEND headers <gmock/gmock.h> <gtest/gtest.h>)
            target_link_libraries(${name} PRIVATE GTest::gtest GTest::gmock)
            target_compile_options(${name} PRIVATE ${KEELSON_TEST_OPTIONS})
        endif()
        target_compile_options(${name} PRIVATE ${KEELSON_STABLE_HEADERS})
        target_precompile_headers(${name} PRIVATE ${headers})
    endif()
    target_compile_options(${target} PRIVATE ${KEELSON_STABLE_HEADERS})
    target_precompile_headers(${target} REUSE_FROM ${name})
endfunction()

# keelson_library(<module> [DEPENDS <module>...] [LINK <external target>...] [GENERATED <file>...])
# One folder is one library. DEPENDS is the whole truth about who may include whom: it becomes the link graph and,
# through modules.txt, the tidy test.
function(keelson_library module)
    cmake_parse_arguments(arg "" "" "DEPENDS;LINK;GENERATED" ${ARGN})
    file(GLOB headers CONFIGURE_DEPENDS *.h)
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH parent)
    if(sources OR arg_GENERATED)
        add_library(keelson_${module} STATIC ${sources} ${arg_GENERATED})
        set(scope PUBLIC)
        keelson_compile_options(keelson_${module})
        keelson_precompiled(keelson_${module} DEPENDS ${arg_DEPENDS} LINK ${arg_LINK})
    else()
        add_library(keelson_${module} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_sources(keelson_${module} ${scope} FILE_SET HEADERS BASE_DIRS ${parent} FILES ${headers})
    target_include_directories(keelson_${module} ${scope} ${parent})
    list(TRANSFORM arg_DEPENDS PREPEND keelson_ OUTPUT_VARIABLE targets)
    target_link_libraries(keelson_${module} ${scope} ${targets} ${arg_LINK})
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    list(JOIN arg_DEPENDS " " depends)
    file(APPEND ${KEELSON_MODULES_FILE} "${folder}: ${depends}\n")
endfunction()

# keelson_program(<name> [DEPENDS <module>...] [LINK <external target>...]): one of the four programs, in build/bin.
function(keelson_program name)
    cmake_parse_arguments(arg "" "" "DEPENDS;LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp *.h)
    add_executable(${name} ${sources})
    keelson_compile_options(${name})
    keelson_precompiled(${name} DEPENDS ${arg_DEPENDS} LINK ${arg_LINK})
    list(TRANSFORM arg_DEPENDS PREPEND keelson_ OUTPUT_VARIABLE targets)
    target_link_libraries(${name} PRIVATE ${targets} ${arg_LINK})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/..)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    list(JOIN arg_DEPENDS " " depends)
    file(APPEND ${KEELSON_MODULES_FILE} "${folder}: ${depends}\n")
endfunction()

# keelson_test(<module> [DEPENDS <module>...] [LINK <external target>...] [LABEL unit|ui|e2e]): the folder's *_test.cpp files as one
# program <module>_test that ctest runs. Unit tests take milliseconds, need nothing that runs and never sleep.
function(keelson_test module)
    cmake_parse_arguments(arg "" "LABEL" "DEPENDS;LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp *.h)
    add_executable(${module}_test ${sources})
    keelson_compile_options(${module}_test)
    keelson_precompiled(${module}_test test DEPENDS ${arg_DEPENDS} LINK ${arg_LINK})
    list(TRANSFORM arg_DEPENDS PREPEND keelson_ OUTPUT_VARIABLE targets)
    target_link_libraries(${module}_test PRIVATE ${targets} ${arg_LINK} keelson_test_tree
                          GTest::gtest GTest::gtest_main GTest::gmock)
    target_include_directories(${module}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR}/..)
    target_compile_options(${module}_test PRIVATE ${KEELSON_TEST_OPTIONS})
    if(NOT arg_LABEL)
        set(arg_LABEL unit)
    endif()
    add_test(NAME ${module}_test COMMAND ${module}_test)
    set_tests_properties(${module}_test PROPERTIES LABELS ${arg_LABEL} TIMEOUT 120)
    if(KEELSON_SANITIZE)
        set_tests_properties(${module}_test PROPERTIES ENVIRONMENT "${KEELSON_TEST_ENVIRONMENT}" TIMEOUT 600)
    endif()
endfunction()
