# SPDX-License-Identifier: Apache-2.0
# Every library from outside, found once. Names of imported targets are what LINK lists name.
set(CMAKE_FIND_PACKAGE_PREFER_CONFIG OFF)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Protobuf REQUIRED)          # module mode first: the config mode of Debian's package fails
find_package(gRPC CONFIG REQUIRED)        # brings re2::re2 along
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ldns REQUIRED IMPORTED_TARGET ldns)

if(KEELSON_UI)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Network WebSockets Svg SvgWidgets Charts Concurrent Test LinguistTools)
    find_path(QSCINTILLA_INCLUDE Qsci/qsciscintilla.h PATH_SUFFIXES x86_64-linux-gnu/qt6 qt6 REQUIRED)
    find_library(QSCINTILLA_LIBRARY qscintilla2_qt6 REQUIRED)
    add_library(QScintilla::QScintilla INTERFACE IMPORTED)
    target_include_directories(QScintilla::QScintilla SYSTEM INTERFACE ${QSCINTILLA_INCLUDE})
    target_link_libraries(QScintilla::QScintilla INTERFACE ${QSCINTILLA_LIBRARY})
endif()
