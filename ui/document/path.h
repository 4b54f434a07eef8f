// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace keelson::document {

/// One step into a value: the name of a member, or the index of an item (from 0).
using Step = std::variant<std::string, std::size_t>;
/// A place in a document, from its root; empty: the root itself.
using Path = std::vector<Step>;

/// Reads a path as refusals write it: `spec.containers[0].image`, `metadata.labels[a.b/c]`. In brackets, digits are an
/// index and all else is a name.
Path parsePath(std::string_view text);
/// The same, written; names with dots, slashes or brackets stand in brackets.
std::string pathText(const Path& path);

/// Lets a path be continued in place: `path / "spec" / 0`.
Path operator/(Path path, std::string name);
Path operator/(Path path, const char* name);
Path operator/(Path path, std::size_t index);
Path operator/(Path path, int index);

} // namespace keelson::document
