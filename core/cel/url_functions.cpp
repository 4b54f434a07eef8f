// SPDX-License-Identifier: Apache-2.0
// Source: Kubernetes, "Common Expression Language in Kubernetes": URL library.
#include "cel/functions.h"
#include "cel/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

class UrlValue : public Opaque {
public:
    explicit UrlValue(Url read) : url(std::move(read)) {}
    std::string_view typeName() const override { return "kubernetes.URL"; }
    std::optional<std::string> text() const override { return url.text; }
    bool equals(const Opaque& other) const override
    {
        const auto* value = dynamic_cast<const UrlValue*>(&other);
        return value && value->url.text == url.text;
    }

    const Url url;
};

Result<Value> isUrl(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("isURL");
    return readUrl(*text).has_value();
}

Result<Value> url(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("url");
    auto read = readUrl(*text);
    if (!read)
        return fail(Reason::Invalid,
                    fmt::format("URL parse error during conversion from string: {}", read.error().message));
    return OpaquePtr(std::make_shared<UrlValue>(*std::move(read)));
}

/// A part of a URL: a member, or what a function of it makes.
template <auto part>
Result<Value> partOf(Args args)
{
    const auto* value = args[0].opaque<UrlValue>();
    if (!value)
        return noOverload("url part");
    return std::string(std::invoke(part, value->url));
}

/// Lists of values by name.
Result<Value> getQuery(Args args)
{
    const auto* value = args[0].opaque<UrlValue>();
    if (!value)
        return noOverload("getQuery");
    std::vector<std::pair<std::string, std::vector<Value>>> lists;
    for (auto& [name, text] : value->url.parameters()) {
        const auto list = std::ranges::find(lists, name, &decltype(lists)::value_type::first);
        if (list == lists.end())
            lists.emplace_back(name, std::vector<Value>{Value(text)});
        else
            list->second.emplace_back(text);
    }
    std::vector<std::pair<Value, Value>> entries;
    for (auto& [name, texts] : lists)
        entries.emplace_back(Value(name), Value::list(std::move(texts)));
    return MapPtr(std::make_shared<std::vector<std::pair<Value, Value>>>(std::move(entries)));
}

constexpr std::array table{
    Function{"isURL", false, 1, 1, isUrl, Type::Form::Bool},
    Function{"url", false, 1, 1, url},
    Function{"getScheme", true, 1, 1, partOf<&Url::scheme>, Type::Form::String},
    Function{"getHost", true, 1, 1, partOf<&Url::host>, Type::Form::String},
    Function{"getHostname", true, 1, 1, partOf<&Url::hostName>, Type::Form::String},
    Function{"getPort", true, 1, 1, partOf<&Url::port>, Type::Form::String},
    Function{"getEscapedPath", true, 1, 1, partOf<&Url::escapedPath>, Type::Form::String},
    Function{"getQuery", true, 1, 1, getQuery},
};

} // namespace

std::span<const Function> urlFunctions()
{
    return table;
}

} // namespace keelson::cel
