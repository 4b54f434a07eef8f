// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/diagnostics.h"

#include "api/catalog.h"
#include "api/schema.h"
#include "api/validation.h"
#include "document/list_items.h"
#include "document/scan.h"
#include "document/schema_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace keelson::document {

namespace {

constexpr std::size_t wordCuresMax = 6;
constexpr std::size_t lineBytesMax = 20'000;
constexpr std::array<std::string_view, 4> membersOfLists{"apiVersion", "kind", "metadata", "items"};

/// The place of a field, or of its nearest parent that is there.
Span placeOf(std::string_view text, const Tree& tree, const Path& path, bool isKey)
{
    for (auto length = path.size() + 1; length-- > 0;) {
        const auto id = tree.find({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length)});
        if (id == noNode)
            continue;
        const auto& node = tree.node(id);
        const bool isThere = length == path.size();
        const bool isSmall = node.kind == NodeKind::Scalar && node.content.size() > 0;
        if (isThere && !isKey && isSmall)
            return {node.content.begin, std::min(node.content.end, lineEnd(text, node.content.begin))};
        if (node.parent == noNode) {
            const auto first = node.members.empty() ? node.begin : node.members.front().begin;
            return {first, lineEnd(text, first)};
        }
        const auto& member = tree.node(node.parent).members[*tree.memberIndex(node.parent, id)];
        if (member.key != noNode)
            return tree.node(member.key).content;
        return {member.begin, lineEnd(text, member.begin)};
    }
    return {};
}

Diagnostic placed(std::string_view text, Severity severity, std::string code, Span span, std::string message,
                  std::string advice)
{
    span.begin = std::min(span.begin, text.size());
    span.end = std::clamp(span.end, span.begin, text.size());
    const auto line = static_cast<std::size_t>(std::ranges::count(text.substr(0, span.begin), '\n'));
    return {severity,           std::move(code),   span, line, columnOf(text, span.begin),
            std::move(message), std::move(advice), {}};
}

constexpr auto* templateAdvice = "Of a template with {{ }}, apply what its tool makes of it (`helm template`); a text "
                                 "with braces in it must stand in "
                                 "quotes.";

class Doctor {
public:
    Doctor(std::string_view text, const Tree& tree, const Kinds& kinds) : m_text(text), m_tree(tree), m_kinds(kinds) {}

    std::vector<Diagnostic> run()
    {
        checkBytes();
        if (m_tree.error())
            addSyntax();
        else if (m_tree.root() != noNode)
            checkTree();
        std::ranges::sort(m_found, {},
                          [](const Diagnostic& found) { return std::tie(found.span.begin, found.message); });
        if (m_found.size() > diagnosticsMax) {
            const auto more = m_found.size() - diagnosticsMax;
            m_found.resize(diagnosticsMax);
            m_found.back().message += fmt::format(" (and {} more)", more);
        }
        return std::move(m_found);
    }

private:
    Diagnostic& add(Severity severity, std::string code, Span span, std::string message, std::string advice)
    {
        return m_found.emplace_back(
            placed(m_text, severity, std::move(code), span, std::move(message), std::move(advice)));
    }

    void checkBytes()
    {
        if (m_text.size() > api::documentBytesMax)
            add(Severity::Error, "too-large", {0, 0},
                fmt::format("The document has {} bytes; a cluster takes at most {}", m_text.size(),
                            api::documentBytesMax),
                "Split it into several objects.");
        for (std::size_t at = 0; at < m_text.size(); ++at) {
            const auto c = static_cast<unsigned char>(m_text[at]);
            if (c >= 0x20 || c == '\n' || c == '\r' || c == '\t')
                continue;
            auto& found = add(Severity::Error, "control-character", {at, at + 1},
                              fmt::format("The control character 0x{:02x} may not stand in YAML", c),
                              "Remove it, or write it as an escape between double quotes.");
            found.cures.push_back({"Remove it", {}, {{at, 1, ""}}});
        }
        for (std::size_t line = 0; line < m_text.size(); line = nextLine(m_text, line)) {
            auto at = line;
            while (at < m_text.size() && m_text[at] == ' ')
                ++at;
            if (at >= m_text.size() || m_text[at] != '\t' || isInsideText(at))
                continue;
            const auto end = skipSpaces(m_text, at);
            if (end >= m_text.size() || m_text[end] == '\n' || m_text[end] == '\r')
                continue;
            auto& found =
                add(Severity::Error, "tab", {at, end}, "A tab indents this line", "YAML is indented with spaces only.");
            const auto tabs = static_cast<std::size_t>(std::ranges::count(m_text.substr(at, end - at), '\t'));
            found.cures.push_back({"Replace by spaces", {}, {{at, end - at, std::string(tabs * 2, ' ')}}});
        }
    }

    /// Whether the place lies in a scalar or between braces, where tabs do no harm.
    bool isInsideText(std::size_t at) const
    {
        if (m_tree.root() == noNode)
            return false;
        for (NodeId id = 0; id < m_tree.size(); ++id) {
            const auto& node = m_tree.node(id);
            const bool isClosed = node.kind == NodeKind::Scalar || node.style == NodeStyle::Flow;
            if (isClosed && node.content.begin < at && at < node.content.end)
                return true;
        }
        return false;
    }

    void addSyntax()
    {
        const auto& error = *m_tree.error();
        const auto begin = std::min(error.offset, m_text.size());
        const auto tab = std::ranges::find(m_found, "tab", &Diagnostic::code);
        if (tab != m_found.end() && error.message == tab->message)
            return;
        add(Severity::Error, "syntax", {begin, lineEnd(m_text, begin)}, error.message,
            tab != m_found.end()    ? "The tab found here or above is the likely cause."
            : m_text.contains("{{") ? fmt::format("{} {}", error.advice, templateAdvice)
                                    : error.advice);
    }

    /// What is YAML, but no object of an API.
    void addUnreadable(const Node& root, const std::string& message)
    {
        if (const auto braces = m_text.find("{{");
            braces != std::string_view::npos && message.contains("a key must be"))
            add(Severity::Error, "template", {braces, lineEnd(m_text, braces)},
                "{{ }} is filled in by a template tool such as Helm, not by the cluster", templateAdvice);
        else
            add(Severity::Error, "unreadable", {root.begin, lineEnd(m_text, root.begin)}, message,
                message.contains("a key must be") ? "A key is a text; one with brackets in it must stand in quotes."
                                                  : "Write out what the aliases stand for.");
    }

    void checkTree()
    {
        checkKeysAndAnchors();
        checkLineLength();
        const auto& root = m_tree.node(m_tree.root());
        if (root.kind != NodeKind::Map) {
            add(Severity::Error, "no-object", {root.begin, lineEnd(m_text, root.begin)},
                "A manifest is a map with apiVersion, kind and metadata", "Begin with `apiVersion:` and `kind:`.");
            return;
        }
        if (const auto value = api::parseYaml(m_text))
            checkObject({}, *value);
        else if (std::ranges::none_of(m_found,
                                      [](const Diagnostic& found) { return found.severity == Severity::Error; }))
            addUnreadable(root, value.error().message);
    }

    /// An editor lays lines out as a whole.
    void checkLineLength()
    {
        for (std::size_t line = 0; line < m_text.size(); line = nextLine(m_text, line)) {
            const auto size = lineEnd(m_text, line) - line;
            if (size <= lineBytesMax)
                continue;
            auto& found = add(Severity::Hint, "long-line", {line, line}, fmt::format("This line has {} bytes", size),
                              "To edit it is slow.");
            if (auto broken = brokenIntoLines(m_tree, m_text); broken.size() > m_text.size())
                found.cures.push_back({"Break it into lines", {}, {{0, m_text.size(), std::move(broken)}}});
            return;
        }
    }

    void checkKeysAndAnchors()
    {
        std::set<NodeId> used;
        for (NodeId id = 0; id < m_tree.size(); ++id) {
            const auto& node = m_tree.node(id);
            if (node.kind == NodeKind::Map)
                checkTwice(node);
            if (node.kind != NodeKind::Alias)
                continue;
            used.insert(node.target);
            for (auto holder = node.parent; holder != noNode; holder = m_tree.node(holder).parent)
                if (holder == node.target)
                    add(Severity::Error, "cyclic-alias", node.content,
                        fmt::format("*{} stands inside the value that it names, which would never end", node.text),
                        "Write out what is meant here.");
        }
        for (NodeId id = 0; id < m_tree.size(); ++id) {
            const auto& node = m_tree.node(id);
            if (!node.anchor.empty() && !used.contains(id))
                add(Severity::Hint, "unused-anchor", {node.begin, node.begin + node.anchor.size() + 1},
                    fmt::format("No alias uses the anchor &{}", node.anchor), "It may go.");
        }
    }

    void checkTwice(const Node& map)
    {
        std::map<std::string, std::size_t> begins;
        for (const auto& member : map.members) {
            const auto key = m_tree.keyText(member);
            const auto [first, isNew] = begins.emplace(key, member.begin);
            if (isNew || key == "<<")
                continue;
            const auto from = lineBegin(m_text, member.begin);
            auto& found = add(Severity::Error, "duplicate-key", m_tree.node(member.key).content,
                              fmt::format("{} stands here and on line {}; the last one would win silently", key,
                                          lineOf(first->second)),
                              "Remove one of them.");
            if (map.style == NodeStyle::Block && isFirstOnLine(m_text, member.begin))
                found.cures.push_back(
                    {"Remove this one", {}, {{from, nextLine(m_text, m_tree.memberEnd(member)) - from, ""}}});
        }
    }

    /// From 1. Line ends are looked for once: a text can have thousands of keys that stand twice.
    std::size_t lineOf(std::size_t offset)
    {
        if (!m_lineEnds) {
            m_lineEnds.emplace();
            for (auto end = m_text.find('\n'); end != std::string_view::npos; end = m_text.find('\n', end + 1))
                m_lineEnds->push_back(end);
        }
        return static_cast<std::size_t>(std::ranges::lower_bound(*m_lineEnds, offset) - m_lineEnds->begin()) + 1;
    }

    /// A place of the object, as one of the document.
    Path inDocument(const Path& path) const
    {
        auto whole = m_place;
        whole.insert(whole.end(), path.begin(), path.end());
        return whole;
    }

    Span spanOf(const Path& path, bool isKey) const { return placeOf(m_text, m_tree, inDocument(path), isKey); }

    /// The object at a place of the document: the document itself, or an item of a List.
    void checkObject(const Path& place, const api::Value& value)
    {
        m_place = place;
        if (!value.is_object())
            return;
        const std::string version(api::stringAt(value, {"apiVersion"}));
        const std::string name(api::stringAt(value, {"kind"}));
        const Path root;
        if (version.empty())
            add(Severity::Error, "no-api-version", spanOf(root, true), "apiVersion is missing",
                "Say which API the object belongs to: `apiVersion: v1`, `apiVersion: apps/v1`.");
        if (name.empty())
            add(Severity::Error, "no-kind", spanOf(root, true), "kind is missing",
                "Say what it is: `kind: Deployment`.");
        if (const auto* items = listItems(value)) {
            checkList(value, *items);
            return;
        }
        if (version.empty() || name.empty())
            return;
        const auto* kind = m_kinds.find(version, name);
        if (!kind) {
            addUnknownKind(version, name);
            return;
        }
        const bool isList = name.ends_with("List") && value.get_object().contains("items");
        if (api::stringAt(value, {"metadata", "name"}).empty() &&
            api::stringAt(value, {"metadata", "generateName"}).empty() && !isList)
            add(Severity::Error, "no-name", spanOf(root / "metadata", true), "The object has no name",
                "Give it one: `metadata: {name: ...}`.");
        checkFields(*kind, value);
    }

    void checkList(const api::Value& list, const api::Array& items)
    {
        for (const auto& member : list.get_object()) {
            const std::string name(member.key());
            if (std::ranges::find(membersOfLists, name) != membersOfLists.end())
                continue;
            auto& found = add(Severity::Error, "unknown-field", spanOf(Path{} / name, true),
                              fmt::format("{} has no field {}", api::stringAt(list, {"kind"}), pathText(Path{} / name)),
                              "The server would refuse or drop it.");
            found.cures.push_back({"Remove it", {RemoveKey{inDocument(Path{} / name)}}, {}});
        }
        const auto place = m_place / "items";
        for (std::size_t i = 0; i < items.size(); ++i)
            checkObject(place / i, items[i]);
    }

    void addUnknownKind(const std::string& version, const std::string& name)
    {
        const auto span = spanOf(Path{} / "kind", false);
        std::vector<std::string> names;
        for (const auto* known : m_kinds.all()) {
            if (known->kind == name) {
                auto& found = add(Severity::Error, "wrong-version", spanOf(Path{} / "apiVersion", false),
                                  fmt::format("{} is of {}, not of {}", name, known->groupVersion.text(), version),
                                  "Correct the apiVersion.");
                found.cures.push_back(
                    {fmt::format("Change to {}", known->groupVersion.text()),
                     {SetValue{inDocument(Path{} / "apiVersion"), api::Value(known->groupVersion.text())}},
                     {}});
                return;
            }
            names.push_back(known->kind);
        }
        const auto near = nearest(name, names);
        auto& found =
            add(Severity::Warning, "unknown-kind", span,
                fmt::format("The kind {} of {} is not known here, so its fields are not checked", name, version),
                near.empty() ? "A custom kind is checked by the server when it is applied."
                             : fmt::format("Did you mean {}?", near));
        if (!near.empty())
            found.cures.push_back(
                {fmt::format("Change to {}", near), {SetValue{inDocument(Path{} / "kind"), api::Value(near)}}, {}});
    }

    void checkFields(const api::Kind& kind, api::Value value)
    {
        for (const auto& text : api::prune(kind, value))
            addUnknownField(kind, parsePath(text));
        checkValues(kind, value);
        const auto* ours = Kinds::builtIn(kind.groupVersion, kind.kind);
        if (!ours || ours == &kind)
            return;
        api::prune(*ours, value); // a newer cluster has fields that we do not know
        checkValues(*ours, std::move(value));
    }

    void checkValues(const api::Kind& kind, api::Value value)
    {
        const auto wrong = wrongTypes(kind, value);
        for (const auto& one : wrong) {
            auto* found = addCause("wrong-type", one.path, one.message);
            if (found && one.converted)
                found->cures.push_back({fmt::format("Write {}", api::writeJson(*one.converted)),
                                        {SetValue{inDocument(one.path), *one.converted}},
                                        {}});
        }
        if (!wrong.empty())
            return;
        if (const auto types = api::checkTypes(kind, value); !types) {
            // Texts that have a form of their own: times, base64. The message begins with the path.
            const auto& message = types.error().message;
            const auto colon = message.find(": ");
            addCause("wrong-type", parsePath(message.substr(0, colon == message.npos ? 0 : colon)),
                     colon == message.npos ? message : message.substr(colon + 2));
            return;
        }
        api::applyDefaults(kind, value);
        for (const auto& cause : api::validate(kind, value)) {
            if (cause.field == "metadata.name" && cause.reason == "FieldValueRequired")
                continue; // said as "no-name"
            const auto path = parsePath(cause.field);
            if (auto* found = addCause("invalid", path, cause.message))
                addCures(*found, kind, path, cause, value);
        }
    }

    /// Null when the same was said before.
    Diagnostic* addCause(const std::string& code, const Path& path, const std::string& message)
    {
        const auto field = pathText(path);
        if (!m_causes.emplace(pathText(inDocument(path)), message).second)
            return nullptr;
        return &add(Severity::Error, code, spanOf(path, false), field.empty() ? message : field + ": " + message, {});
    }

    void addCures(Diagnostic& found, const api::Kind& kind, const Path& path, const Cause& cause,
                  const api::Value& value) const
    {
        const auto* schema = schemaAt(kind, path);
        if (cause.reason == "FieldValueRequired" && schema && m_tree.find(inDocument(path)) == noNode) {
            found.cures.push_back(
                {fmt::format("Add {}", pathText(path)), {SetValue{inDocument(path), placeholder(*schema)}}, {}});
        } else if (cause.reason == "FieldValueNotSupported" && schema) {
            for (const auto& word : schema->enumeration)
                if (found.cures.size() < wordCuresMax)
                    found.cures.push_back(
                        {fmt::format("Change to {}", word), {SetValue{inDocument(path), api::Value(word)}}, {}});
        } else if (cause.message.contains("`selector` does not match template `labels`")) {
            addSelectorCure(found, value);
        }
    }

    void addSelectorCure(Diagnostic& found, const api::Value& value) const
    {
        const auto* wanted = api::find(value, {"spec", "selector", "matchLabels"});
        if (!wanted || !wanted->is_object())
            return;
        Cure cure{"Give the template the labels of the selector", {}, {}};
        for (const auto& label : wanted->get_object())
            cure.edits.emplace_back(
                SetValue{inDocument(Path{} / "spec" / "template" / "metadata" / "labels" / std::string(label.key())),
                         label.value()});
        found.cures.push_back(std::move(cure));
    }

    void addUnknownField(const api::Kind& kind, const Path& path)
    {
        std::vector<std::string> names;
        const auto* schema = kind.schema;
        for (std::size_t i = 0; i + 1 < path.size() && schema; ++i) {
            const auto* name = std::get_if<std::string>(&path[i]);
            const auto* field = name ? schema->field(*name) : nullptr;
            schema = field ? field->schema : schema->items;
        }
        if (schema)
            for (const auto& field : schema->fields)
                names.push_back(field.name);
        const auto name = path.empty() || !std::holds_alternative<std::string>(path.back())
                              ? std::string()
                              : std::get<std::string>(path.back());
        const auto near = nearest(name, names);
        auto& found = add(Severity::Error, "unknown-field", spanOf(path, true),
                          fmt::format("{} has no field {}", kind.kind, pathText(path)),
                          near.empty() ? "The server would refuse or drop it." : fmt::format("Did you mean {}?", near));
        if (!near.empty())
            found.cures.push_back({fmt::format("Rename to {}", near), {RenameKey{inDocument(path), near}}, {}});
        found.cures.push_back({"Remove it", {RemoveKey{inDocument(path)}}, {}});
    }

    std::string_view m_text;
    const Tree& m_tree;
    std::optional<std::vector<std::size_t>> m_lineEnds;
    const Kinds& m_kinds;
    Path m_place; ///< Of the object that is looked at, in the document.
    std::vector<Diagnostic> m_found;
    std::set<std::pair<std::string, std::string>> m_causes; ///< Field and message, each said once.
};

/// Edits of letters from one word to the other; two neighbours that changed places are one.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before;
    std::vector<std::size_t> last;
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before = std::exchange(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row.back();
}

} // namespace

std::vector<Diagnostic> diagnose(std::string_view text, const Tree& tree, const Kinds& kinds)
{
    return Doctor(text, tree, kinds).run();
}

Diagnostic diagnosticAt(std::string_view text, const Tree& tree, const Path& path, bool isKey, Severity severity,
                        std::string code, std::string message, std::string advice)
{
    return placed(text, severity, std::move(code), placeOf(text, tree, path, isKey), std::move(message),
                  std::move(advice));
}

std::string nearest(std::string_view word, const std::vector<std::string>& words)
{
    std::string best;
    auto bestDistance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const auto& candidate : words) {
        const auto apart = distance(word, candidate);
        if (apart < bestDistance) {
            bestDistance = apart;
            best = candidate;
        }
    }
    return best;
}

} // namespace keelson::document
