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
    # The two liberties that ccache's manual asks for with precompiled headers.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND NOT APPLE AND NOT WIN32)
    add_link_options(-fuse-ld=mold)
endif()
if(KEELSON_SANITIZE)
    add_compile_options(-fsanitize=${KEELSON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${KEELSON_SANITIZE})
endif()

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

# keelson_precompiled(<target> [objects] [qt] [test]): the headers that most units include, compiled once for all targets that
# name the same sets; `objects` adds the generated structs, `qt` Qt and its widgets, `test` GoogleTest. They are a saving, never a
# meaning: each unit includes what it needs, and KEELSON_PCH=OFF builds the same.
function(keelson_precompiled target)
    if(NOT KEELSON_PCH)
        return()
    endif()
    list(JOIN ARGN _ name)
    string(PREPEND name keelson_precompiled_)
    if(NOT TARGET ${name})
        file(WRITE ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp "")
        add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
        set(headers <algorithm> <array> <atomic> <chrono> <cstdint> <deque> <filesystem> <functional> <map> <memory> <mutex>
                    <optional> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
                    <fmt/format.h>)
        target_link_libraries(${name} PRIVATE fmt::fmt)
        if("objects" IN_LIST ARGN)
            list(APPEND headers <api/apps_v1.h> <api/core_v1.h> <api/meta_v1.h>)
            target_link_libraries(${name} PRIVATE keelson_api)
        endif()
        if("qt" IN_LIST ARGN)
            list(APPEND headers <QHash> <QLabel> <QObject> <QPainter> <QString> <QTimer> <QVBoxLayout> <QWidget>)
            target_link_libraries(${name} PRIVATE Qt6::Widgets)
        endif()
        if("test" IN_LIST ARGN)
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

# keelson_library(<module> [DEPENDS <module>...] [LINK <external target>...] [GENERATED <file>...] [PRECOMPILED <set>...])
# One folder is one library. DEPENDS is the whole truth about who may include whom: it becomes the link graph and,
# through modules.txt, the tidy test.
function(keelson_library module)
    cmake_parse_arguments(arg "" "" "DEPENDS;LINK;GENERATED;PRECOMPILED" ${ARGN})
    file(GLOB headers CONFIGURE_DEPENDS *.h)
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH parent)
    if(sources OR arg_GENERATED)
        add_library(keelson_${module} STATIC ${sources} ${arg_GENERATED})
        set(scope PUBLIC)
        keelson_compile_options(keelson_${module})
        keelson_precompiled(keelson_${module} ${arg_PRECOMPILED})
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
    keelson_precompiled(${name})
    list(TRANSFORM arg_DEPENDS PREPEND keelson_ OUTPUT_VARIABLE targets)
    target_link_libraries(${name} PRIVATE ${targets} ${arg_LINK})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/..)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    list(JOIN arg_DEPENDS " " depends)
    file(APPEND ${KEELSON_MODULES_FILE} "${folder}: ${depends}\n")
endfunction()

# keelson_test(<module> [DEPENDS <module>...] [LINK <external target>...] [LABEL unit|ui|e2e] [PRECOMPILED <set>...]): the folder's *_test.cpp files as one
# program <module>_test that ctest runs. Unit tests take milliseconds, need nothing that runs and never sleep.
function(keelson_test module)
    cmake_parse_arguments(arg "" "LABEL" "DEPENDS;LINK;PRECOMPILED" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp *.h)
    add_executable(${module}_test ${sources})
    keelson_compile_options(${module}_test)
    keelson_precompiled(${module}_test ${arg_PRECOMPILED} test)
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
endfunction()
