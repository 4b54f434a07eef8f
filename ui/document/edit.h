// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/render.h"
#include "document/tree.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace keelson::document {

/// A change of text: `length` bytes at `offset` give way to `text`.
struct Splice {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string text;
    bool operator==(const Splice&) const = default;
};

/// Carries out splices that are in ascending order and do not overlap; their offsets are those of the text before.
std::string spliced(std::string_view text, const std::vector<Splice>& splices);

/// The value at a path becomes `value`. Parents that are missing are made, as maps; an index one past the end appends.
/// Where both old and new are collections, only what differs is touched.
struct SetValue {
    Path path;
    api::Value value;
};
/// A new member of the map at `map`, which may be missing; at the end unless `position` says otherwise.
struct InsertKey {
    Path map;
    std::string key;
    api::Value value;
    std::optional<std::size_t> position = std::nullopt;
};
/// The member at the path goes, with the comment on its own line; comments above it stay.
struct RemoveKey {
    Path path;
};
struct RenameKey {
    Path path;
    std::string key;
};
struct InsertItem {
    Path list;
    std::size_t index = 0;
    api::Value value;
};
struct RemoveItem {
    Path path;
};
/// The item `from` stands at index `to` afterwards. Comments directly above and on its line go with it.
struct MoveItem {
    Path list;
    std::size_t from = 0;
    std::size_t to = 0;
};
using Edit = std::variant<SetValue, InsertKey, RemoveKey, RenameKey, InsertItem, RemoveItem, MoveItem>;

/// The same edit on an outline (`Tree::outline`): what the text must mean afterwards. `NotFound`, `AlreadyExists` and
/// `Invalid` as `planEdit`.
Result<api::Value> applied(api::Value outline, const Edit& edit);

/// The smallest splices that carry out one edit on the text of a document. Pure.
/// `NotFound`: the path is not there. `AlreadyExists`: the key is. `Invalid`: the path leads through a value of another
/// kind. `Conflict`: the place belongs to an anchor or occurs twice; the message says where to change it.
Result<std::vector<Splice>> planEdit(const Tree& tree, std::string_view text, const Edit& edit);

/// The text of a document between braces or brackets with a line for each entry: nothing but white space differs. Pure.
std::string brokenIntoLines(const Tree& tree, std::string_view text);

/// The edits that turn `before` into `after` at `path`, each touching as little as it can, in the order in which they
/// are to be carried out.
std::vector<Edit> difference(const Path& path, const api::Value& before, const api::Value& after);

} // namespace keelson::document
