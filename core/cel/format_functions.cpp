// SPDX-License-Identifier: Apache-2.0
// Source: Kubernetes, "Common Expression Language in Kubernetes": format library.
#include "api/base64.h"
#include "api/name_forms.h"
#include "base/clock.h"
#include "cel/functions.h"
#include "cel/url.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

/// A prefix of a generated name may end with a dash, which a letter behind it makes good.
template <auto wrong>
std::string wrongPrefix(std::string_view text)
{
    return wrong(text.ends_with('-') ? std::string(text) + "a" : std::string(text));
}

std::string wrongUri(std::string_view text)
{
    const auto url = readUrl(text);
    return url ? "" : url.error().message;
}

std::string wrongUuid(std::string_view text)
{
    static const re2::RE2 form("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");
    return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), form) ? ""
                                                                                 : "does not match the UUID format";
}

std::string wrongBytes(std::string_view text)
{
    return !text.empty() && api::decodeBase64(text) ? "" : "invalid base64";
}

std::string wrongDate(std::string_view text)
{
    static const re2::RE2 form("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    const bool good = re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), form) &&
                      parseTime(std::string(text) + "T00:00:00Z");
    return good ? "" : "invalid date";
}

std::string wrongDateTime(std::string_view text)
{
    return parseTime(text) ? "" : "invalid datetime";
}

struct Form {
    std::string_view name;
    std::string (*wrong)(std::string_view text); ///< Nothing: the text has the form.
};

constexpr std::array forms{
    Form{"dns1123Label", api::wrongDnsLabel},
    Form{"dns1123Subdomain", api::wrongDnsSubdomain},
    Form{"dns1035Label", api::wrongDns1035Label},
    Form{"qualifiedName", api::wrongQualifiedName},
    Form{"dns1123LabelPrefix", wrongPrefix<api::wrongDnsLabel>},
    Form{"dns1123SubdomainPrefix", wrongPrefix<api::wrongDnsSubdomain>},
    Form{"dns1035LabelPrefix", wrongPrefix<api::wrongDns1035Label>},
    Form{"labelValue", api::wrongLabelValue},
    Form{"uri", wrongUri},
    Form{"uuid", wrongUuid},
    Form{"byte", wrongBytes},
    Form{"date", wrongDate},
    Form{"datetime", wrongDateTime},
};

class NamedFormat : public Opaque {
public:
    explicit NamedFormat(const Form& named) : form(named) {}
    std::string_view typeName() const override { return "kubernetes.NamedFormat"; }
    bool equals(const Opaque& other) const override
    {
        const auto* format = dynamic_cast<const NamedFormat*>(&other);
        return format && &format->form == &form;
    }

    const Form& form;
};

Result<Value> named(Args args)
{
    const auto* name = args[0].as<std::string>();
    if (!name)
        return noOverload("format.named");
    const auto* form = std::ranges::find(forms, std::string_view(*name), &Form::name);
    if (form == forms.end())
        return Optional{};
    return Optional{std::make_shared<Value>(OpaquePtr(std::make_shared<NamedFormat>(*form)))};
}

template <std::size_t index>
Result<Value> constant(Args)
{
    return OpaquePtr(std::make_shared<NamedFormat>(forms[index]));
}

/// None when the text has the form; otherwise what is wrong.
Result<Value> validate(Args args)
{
    const auto* format = args[0].opaque<NamedFormat>();
    const auto* text = args[1].as<std::string>();
    if (!format || !text)
        return noOverload("validate");
    auto wrong = format->form.wrong(*text);
    if (wrong.empty())
        return Optional{};
    return Optional{std::make_shared<Value>(Value::list({Value(std::move(wrong))}))};
}

constexpr std::array table{
    Function{"format.named", false, 1, 1, named},
    Function{"validate", true, 2, 2, validate},
    Function{"format.dns1123Label", false, 0, 0, constant<0>},
    Function{"format.dns1123Subdomain", false, 0, 0, constant<1>},
    Function{"format.dns1035Label", false, 0, 0, constant<2>},
    Function{"format.qualifiedName", false, 0, 0, constant<3>},
    Function{"format.dns1123LabelPrefix", false, 0, 0, constant<4>},
    Function{"format.dns1123SubdomainPrefix", false, 0, 0, constant<5>},
    Function{"format.dns1035LabelPrefix", false, 0, 0, constant<6>},
    Function{"format.labelValue", false, 0, 0, constant<7>},
    Function{"format.uri", false, 0, 0, constant<8>},
    Function{"format.uuid", false, 0, 0, constant<9>},
    Function{"format.byte", false, 0, 0, constant<10>},
    Function{"format.date", false, 0, 0, constant<11>},
    Function{"format.datetime", false, 0, 0, constant<12>},
};

} // namespace

std::span<const Function> formatFunctions()
{
    return table;
}

} // namespace keelson::cel
