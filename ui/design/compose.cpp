// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/compose.h"

#include "design/compose_service.h"

#include <fmt/format.h>

namespace keelson::design {

namespace {

/// "${NAME:-other}" becomes "other", "$$" becomes "$"; a variable without a default is empty, and said once.
class Variables {
public:
    explicit Variables(std::vector<ComposeNote>& notes) : m_notes(notes) {}

    void replace(api::Value& value)
    {
        if (value.is_string())
            value = replaced(value.get_string());
        else if (auto* object = value.if_object())
            for (auto& member : *object)
                replace(member.value());
        else if (auto* list = value.if_array())
            for (auto& item : *list)
                replace(item);
    }

private:
    std::string replaced(std::string_view text)
    {
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            if (text[at] != '$' || at + 1 == text.size()) {
                out += text[at++];
                continue;
            }
            if (text[at + 1] == '$') {
                out += '$';
                at += 2;
                continue;
            }
            const bool isBraced = text[at + 1] == '{';
            const auto begin = at + (isBraced ? 2 : 1);
            auto end = begin;
            while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
                ++end;
            const std::string name(text.substr(begin, end - begin));
            const auto close = isBraced ? text.find('}', end) : end;
            if (name.empty() || close == text.npos) {
                out += text[at++];
                continue;
            }
            out += valueOf(name, isBraced ? text.substr(end, close - end) : std::string_view());
            at = isBraced ? close + 1 : end;
        }
        return out;
    }

    std::string valueOf(const std::string& name, std::string_view rest)
    {
        if (rest.starts_with(":-"))
            return std::string(rest.substr(2));
        if (rest.starts_with("-"))
            return std::string(rest.substr(1));
        const ComposeNote note{"$" + name, "the variable is not known here and was taken as empty: put its value in"};
        if (std::ranges::find(m_notes, note) == m_notes.end())
            m_notes.push_back(note);
        return {};
    }

    std::vector<ComposeNote>& m_notes;
};

void addConfigs(const api::Value& file, ComposeResult& result)
{
    const auto* configs = api::find(file, {"configs"});
    for (const auto& member : configs && configs->is_object() ? configs->get_object() : api::Object()) {
        const std::string name(member.key());
        if (const auto content = api::stringAt(member.value(), {"content"}); !content.empty())
            result.objects.push_back(api::Object{{"apiVersion", "v1"},
                                                 {"kind", "ConfigMap"},
                                                 {"metadata", api::Object{{"name", composeName(name)}}},
                                                 {"data", api::Object{{name, content}}}});
        else
            result.notes.push_back({"configs." + name, "its file is not read: make a ConfigMap \"" + composeName(name) +
                                                           "\" with the key \"" + name + "\" from it"});
    }
    const auto* secrets = api::find(file, {"secrets"});
    for (const auto& member : secrets && secrets->is_object() ? secrets->get_object() : api::Object()) {
        const std::string name(member.key());
        result.notes.push_back({"secrets." + name, "its value is not read: make a Secret \"" + composeName(name) +
                                                       "\" with the key \"" + name + "\""});
    }
}

void addClaims(const api::Value& file, ComposeResult& result)
{
    const auto* volumes = api::find(file, {"volumes"});
    for (const auto& member : volumes && volumes->is_object() ? volumes->get_object() : api::Object()) {
        const std::string name(member.key());
        if (api::boolAt(member.value(), {"external"}))
            result.notes.push_back({"volumes." + name, "it is external: a claim of that name must be there already"});
        else
            result.objects.push_back(*api::parseYaml(fmt::format(
                "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: {}}}, spec: {{accessModes: "
                "[ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}",
                composeName(name))));
        if (member.value().is_object() && member.value().get_object().contains("driver"))
            result.notes.push_back(
                {"volumes." + name + ".driver", "left out: choose a storageClassName for the claim"});
    }
}

} // namespace

std::string composeName(std::string_view name)
{
    std::string made;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        made += std::isalnum(byte) ? static_cast<char>(std::tolower(byte)) : '-';
    }
    const auto begin = made.find_first_not_of('-');
    const auto end = made.find_last_not_of('-');
    constexpr std::size_t labelMax = 63;
    made = begin == made.npos ? "service" : made.substr(begin, end - begin + 1);
    if (std::isdigit(static_cast<unsigned char>(made.front())))
        made.insert(0, "x-"); // the name of a Service begins with a letter (RFC 1035)
    return made.substr(0, made.find_last_not_of('-', labelMax - 1) + 1);
}

Result<ComposeResult> fromCompose(std::string_view text)
{
    TRY_ASSIGN(auto file, api::parseYaml(text));
    const auto* services = api::find(file, {"services"});
    if (!services || !services->is_object() || services->get_object().empty())
        return fail(Reason::BadRequest, "this is no Compose file: it has no services");
    if (services->get_object().size() > composeServicesMax)
        return fail(Reason::BadRequest,
                    fmt::format("it has {} services, over {}", services->get_object().size(), composeServicesMax));
    ComposeResult result;
    Variables(result.notes).replace(file);
    services = api::find(file, {"services"});
    addConfigs(file, result);
    addClaims(file, result);
    if (const auto* networks = api::find(file, {"networks"});
        networks && networks->is_object() && networks->get_object().size() > 1)
        result.notes.push_back({"networks",
                                "left out: every pod of a cluster reaches every other, unless a NetworkPolicy "
                                "keeps it away"});
    for (const auto& member : services->get_object())
        TRY_OK(addComposeService(std::string(member.key()), member.value(), result));
    return result;
}

} // namespace keelson::design
