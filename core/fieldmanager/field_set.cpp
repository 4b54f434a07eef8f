// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/field_set.h"

#include "api/json_text.h"
#include "api/value.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::fieldmanager {
namespace {

using Children = std::vector<FieldSet::Child>;

std::unexpected<Error> malformed(std::string_view why)
{
    return fail(Reason::BadRequest, fmt::format("fieldsV1 cannot be read: {}", why));
}

std::string inQuotes(std::string_view text)
{
    std::string out;
    api::appendJsonString(out, text);
    return out;
}

Result<std::string> canonicalKeys(std::string_view json)
{
    TRY_ASSIGN(const auto keys, api::parseJson(json));
    const auto* const object = keys.if_object();
    if (!object)
        return malformed("the keys of an item are no object");
    std::vector<std::string> parts;
    for (const auto& [name, value] : *object)
        parts.push_back(fmt::format("{}:{}", inQuotes(name), api::writeJson(value)));
    std::ranges::sort(parts);
    return fmt::format("k:{{{}}}", fmt::join(parts, ","));
}

/// The element of a key of FieldsV1, as it stands between its quotes.
Result<std::string> readElement(std::string_view raw)
{
    std::string text(raw);
    if (raw.contains('\\')) {
        TRY_ASSIGN(const auto value, api::parseJson(fmt::format("\"{}\"", raw)));
        text = value.as_string();
    }
    const auto body = std::string_view(text).substr(std::min<std::size_t>(2, text.size()));
    if (text.starts_with("f:"))
        return text;
    if (text.starts_with("k:"))
        return canonicalKeys(body);
    if (text.starts_with("v:")) {
        TRY_ASSIGN(const auto value, api::parseJson(body));
        return "v:" + api::writeJson(value);
    }
    if (text.starts_with("i:") && !body.empty() && body.find_first_not_of("0123456789") == body.npos)
        return text;
    return malformed(fmt::format("unknown path element {}", inQuotes(text)));
}

Result<FieldSet> readSet(api::JsonScanner& scanner, std::size_t depth)
{
    if (depth > api::documentDepthMax)
        return malformed("it is too deep");
    if (!scanner.take('{'))
        return malformed("an object is wanted");
    bool member = false;
    Children children;
    if (scanner.take('}'))
        return FieldSet(depth > 0, {});
    do {
        const auto key = scanner.string();
        if (!key || !scanner.take(':'))
            return malformed("a member is wanted");
        if (*key == ".") {
            if (!scanner.take('{') || !scanner.take('}'))
                return malformed("\".\" holds something");
            member = true;
            continue;
        }
        TRY_ASSIGN(auto element, readElement(*key));
        TRY_ASSIGN(auto below, readSet(scanner, depth + 1));
        children.push_back({std::move(element), std::move(below)});
    } while (scanner.take(','));
    if (!scanner.take('}'))
        return malformed("an object does not end");
    return FieldSet(member, std::move(children));
}

void write(const FieldSet& set, std::string& out)
{
    out += '{';
    const auto& children = set.children();
    if (set.isMember() && !children.empty())
        out += R"(".":{})";
    for (const auto& child : children) {
        if (out.back() != '{')
            out += ',';
        api::appendJsonString(out, child.element);
        out += ':';
        write(child.below, out);
    }
    out += '}';
}

void collect(const FieldSet& set, const std::string& path, std::vector<std::string>& paths)
{
    if (set.isMember())
        paths.push_back(path);
    for (const auto& child : set.children())
        collect(child.below, path + pathText(child.element), paths);
}

} // namespace

FieldSet::FieldSet() = default;
FieldSet::FieldSet(const FieldSet&) = default;
FieldSet::FieldSet(FieldSet&&) noexcept = default;
FieldSet& FieldSet::operator=(const FieldSet&) = default;
FieldSet& FieldSet::operator=(FieldSet&&) noexcept = default;
FieldSet::~FieldSet() = default;
bool FieldSet::operator==(const FieldSet& other) const = default;

FieldSet::FieldSet(bool member, std::vector<Child> children) : m_member(member), m_children(std::move(children))
{
    std::erase_if(m_children, [](const Child& child) { return child.below.empty(); });
    if (!std::ranges::is_sorted(m_children, {}, &Child::element))
        std::ranges::sort(m_children, {}, &Child::element);
    std::size_t kept = 0;
    for (std::size_t at = 1; at < m_children.size(); ++at) {
        if (m_children[kept].element == m_children[at].element)
            m_children[kept].below.unite(m_children[at].below);
        else if (++kept != at)
            m_children[kept] = std::move(m_children[at]);
    }
    if (!m_children.empty())
        m_children.resize(kept + 1);
}

Result<FieldSet> FieldSet::parse(std::string_view text)
{
    api::JsonScanner scanner(text);
    TRY_ASSIGN(auto set, readSet(scanner, 0));
    if (!scanner.atEnd())
        return malformed("more follows its end");
    return set;
}

std::string FieldSet::text() const
{
    std::string out;
    write(*this, out);
    return out;
}

void FieldSet::unite(const FieldSet& other)
{
    m_member = m_member || other.m_member;
    if (other.m_children.empty())
        return;
    Children united;
    united.reserve(m_children.size() + other.m_children.size());
    auto mine = m_children.begin();
    for (const auto& theirs : other.m_children) {
        while (mine != m_children.end() && mine->element < theirs.element)
            united.push_back(std::move(*mine++));
        if (mine != m_children.end() && mine->element == theirs.element) {
            united.push_back(std::move(*mine++));
            united.back().below.unite(theirs.below);
        } else {
            united.push_back(theirs);
        }
    }
    united.insert(united.end(), std::make_move_iterator(mine), std::make_move_iterator(m_children.end()));
    m_children = std::move(united);
}

void FieldSet::subtract(const FieldSet& other)
{
    m_member = m_member && !other.m_member;
    for (const auto& theirs : other.m_children) {
        if (auto* const mine = find(theirs.element))
            mine->subtract(theirs.below);
    }
    std::erase_if(m_children, [](const Child& child) { return child.below.empty(); });
}

void FieldSet::intersect(const FieldSet& other)
{
    m_member = m_member && other.m_member;
    for (auto& mine : m_children) {
        if (const auto* const theirs = other.find(mine.element))
            mine.below.intersect(*theirs);
        else
            mine.below = {};
    }
    std::erase_if(m_children, [](const Child& child) { return child.below.empty(); });
}

void FieldSet::erase(std::string_view element)
{
    std::erase_if(m_children, [&](const Child& child) { return child.element == element; });
}

const FieldSet* FieldSet::find(std::string_view element) const
{
    const auto found = std::ranges::lower_bound(m_children, element, {}, &Child::element);
    return found != m_children.end() && found->element == element ? &found->below : nullptr;
}

FieldSet* FieldSet::find(std::string_view element)
{
    return const_cast<FieldSet*>(std::as_const(*this).find(element)); // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::vector<std::string> FieldSet::paths() const
{
    std::vector<std::string> paths;
    collect(*this, {}, paths);
    return paths;
}

std::string pathText(std::string_view element)
{
    const auto body = element.substr(std::min<std::size_t>(2, element.size()));
    if (element.starts_with("f:"))
        return fmt::format(".{}", body);
    if (element.starts_with("v:"))
        return fmt::format("[={}]", body);
    if (!element.starts_with("k:"))
        return fmt::format("[{}]", body);
    const auto keys = api::parseJson(body);
    std::vector<std::string> parts;
    if (keys && keys->is_object()) {
        for (const auto& [name, value] : keys->get_object())
            parts.push_back(fmt::format("{}={}", std::string_view(name), api::writeJson(value)));
    }
    return fmt::format("[{}]", fmt::join(parts, ","));
}

} // namespace keelson::fieldmanager
