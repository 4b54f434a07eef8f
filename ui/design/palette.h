// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "design/card.h"
#include "document/kinds.h"
#include "document/manifest_text.h"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace keelson::design {

/// A kind that can be drawn from the palette.
struct PaletteEntry {
    std::string_view group; ///< "Workloads"
    std::string_view apiVersion;
    std::string_view kind;
    std::string_view name;     ///< Of the first one.
    std::string_view purpose;  ///< In a sentence, for who does not know it.
    std::string_view manifest; ///< YAML; NAME is the name.
};

/// In the order in which it is shown.
std::span<const PaletteEntry> palette();
/// Those whose kinds are known here.
std::vector<const PaletteEntry*> paletteOf(const document::Kinds& kinds);
/// Null when there is none.
const PaletteEntry* paletteEntry(std::string_view kind);

/// What stands in a manifest or template, with a name in place of NAME and a namespace in place of NAMESPACE.
std::string filledIn(std::string text, std::string_view name, std::string_view nameSpace);
/// The small, valid object of that kind as YAML, still to be filled in.
std::string starterText(const PaletteEntry& entry);
/// A small, valid object of that kind. The namespace is written when it is not empty.
api::Value starter(const PaletteEntry& entry, std::string_view name, std::string_view nameSpace = {});
/// The same under a fresh name for a set, in `nameSpace` (written unless it is the set's default): what it must name
/// and the set has just once, it names.
api::Value starterIn(const PaletteEntry& entry, const std::vector<Card>& cards, const std::string& nameSpace,
                     const std::string& defaultNameSpace);

/// A name that no card of that kind has: "web", "web-2". At most 63 characters, as names of Services must.
std::string freshName(const std::vector<Card>& cards, std::string_view kind, std::string_view wanted);

/// An object as text in the habits (indentation, line endings, JSON) of a manifest.
std::string writtenLike(const document::ManifestText& manifest, const api::Value& object);
/// The documents of a stream, each by itself, under names that the set does not have yet; comments and all else stay.
/// `BadRequest`: it holds no object, or one of them cannot be read; the message says where.
Result<std::vector<std::string>> freshCopies(const std::vector<Card>& cards, std::string_view stream,
                                             const document::Kinds& kinds, const std::string& defaultNameSpace);

/// A copy of an object under another name; labels and selectors of its pods that carry the old name follow, so that it
/// does not take over the pods of the first.
api::Value renamedCopy(api::Value object, std::string_view name);

} // namespace keelson::design
