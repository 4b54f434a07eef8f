# SPDX-License-Identifier: Apache-2.0
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_LINK_LIBRARIES_ONLY_TARGETS ON)   # a typo in a dependency is an error
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)  # every header compiles on its own: target all_verify_interface_header_sets

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
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
    list(TRANSFORM arg_DEPENDS PREPEND keelson_ OUTPUT_VARIABLE targets)
    target_link_libraries(${module}_test PRIVATE ${targets} ${arg_LINK} keelson_test_tree
                          GTest::gtest GTest::gtest_main GTest::gmock)
    target_include_directories(${module}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR}/..)
    target_compile_options(${module}_test PRIVATE $<$<CONFIG:Debug>:-O0>) # what is tested is optimised; the tests compile faster
    if(NOT arg_LABEL)
        set(arg_LABEL unit)
    endif()
    add_test(NAME ${module}_test COMMAND ${module}_test)
    set_tests_properties(${module}_test PROPERTIES LABELS ${arg_LABEL} TIMEOUT 120)
endfunction()
