// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace keelson::api {
namespace {

/// Refuses the first part between dots that does not have the form.
void checkParts(std::string_view text, std::string (*wrongForm)(std::string_view), const FieldPath& path,
                Refusals& refusals)
{
    for (std::size_t at = 0; at <= text.size();) {
        const auto part = text.substr(at, text.find('.', at) - at);
        if (const auto wrong = wrongForm(part); !wrong.empty())
            return refusals.invalid(path, Value(text), fmt::format("validating label \"{}\": {}", part, wrong));
        at += part.size() + 1;
    }
}

/// "example.com/signer-name"
void checkSignerName(std::string_view name, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t domainMax = 253;
    constexpr std::size_t nameMax = 571;
    const auto slash = name.find('/');
    if (slash == name.npos || name.find('/', slash + 1) != name.npos)
        return refusals.invalid(path, Value(name),
                                "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    const auto domain = name.substr(0, slash);
    if (domain.size() > domainMax)
        refusals.tooLong(path, domainMax);
    checkParts(domain, wrongDnsLabel, path, refusals);
    if (!domain.contains('.'))
        refusals.invalid(path, Value(domain), "should be a domain with at least two segments separated by dots");
    checkParts(name.substr(slash + 1), wrongDnsSubdomain, path, refusals);
    if (name.size() > nameMax)
        refusals.tooLong(path, nameMax);
}

void signingRequest(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t lifeSecondsMin = 600;
    if (const auto signer = stringAt(spec, {"signerName"}); !signer.empty())
        checkSignerName(signer, path.child("signerName"), refusals);
    if (has(spec, "expirationSeconds") && integerAt(spec, {"expirationSeconds"}) < lifeSecondsMin)
        refusals.invalid(path.child("expirationSeconds"), spec.at("expirationSeconds"),
                         fmt::format("may not specify a duration less than {} seconds (10 minutes)", lifeSecondsMin));
    const auto& usages = itemsAt(spec, {"usages"});
    const auto list = path.child("usages");
    if (usages.empty())
        refusals.required(list);
    for (std::size_t index = 0; index < usages.size(); ++index)
        if (std::find(usages.begin(), usages.begin() + static_cast<std::ptrdiff_t>(index), usages[index]) !=
            usages.begin() + static_cast<std::ptrdiff_t>(index))
            refusals.duplicate(list.index(index), usages[index]);
}

/// A name of three parts at least, of its own within the configuration.
void webhookNames(const Value& configuration, const FieldPath& path, Refusals& refusals)
{
    const auto& webhooks = itemsAt(configuration, {"webhooks"});
    const auto list = path.child("webhooks");
    std::set<std::string_view> names;
    for (std::size_t index = 0; index < webhooks.size(); ++index) {
        const auto at = list.index(index);
        const auto name = stringAt(webhooks[index], {"name"});
        if (name.empty())
            continue;
        if (const auto wrong = wrongDnsSubdomain(name); !wrong.empty())
            refusals.invalid(at.child("name"), Value(name), wrong);
        else if (std::ranges::count(name, '.') < 2)
            refusals.invalid(at.child("name"), Value(name),
                             "should be a domain with at least three segments separated by dots");
        if (!names.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
    }
}

/// Versions of the question that a webhook is asked: each once, and one that this server knows.
void checkReviewVersions(const Array& versions, std::string_view needed, const FieldPath& list, Refusals& refusals)
{
    if (versions.empty())
        return refusals.required(list, needed);
    std::set<std::string_view> seen;
    for (std::size_t index = 0; index < versions.size(); ++index) {
        const auto version = textOf(versions[index]);
        if (!seen.insert(version).second)
            refusals.invalid(list.index(index), versions[index], "duplicate version");
        else
            refuse(wrongDns1035Label(version), list.index(index), versions[index], refusals);
    }
    if (!seen.contains("v1") && !seen.contains("v1beta1"))
        refusals.invalid(list, Value(versions), "must include at least one of v1, v1beta1");
}

void webhook(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto effects = stringAt(node, {"sideEffects"});
    if (!effects.empty() && effects != "None" && effects != "NoneOnDryRun")
        refusals.notSupported(path.child("sideEffects"), Value(effects), {"None", "NoneOnDryRun"});
    const auto timeout = integerAt(node, {"timeoutSeconds"});
    if (timeout < 1 || timeout > 30)
        refusals.invalid(path.child("timeoutSeconds"), timeout, "the timeout value must be between 1 and 30 seconds");
    checkReviewVersions(itemsAt(node, {"admissionReviewVersions"}), "must specify one of v1, v1beta1",
                        path.child("admissionReviewVersions"), refusals);
}

void checkUrl(std::string_view url, const FieldPath& path, Refusals& refusals)
{
    constexpr std::string_view form = "; desired format: https://host[/path]";
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme))
        return refusals.invalid(path, Value(url.substr(0, url.find(':'))),
                                fmt::format("'https' is the only allowed URL scheme{}", form));
    const auto rest = url.substr(scheme.size());
    const auto host = rest.substr(0, rest.find_first_of("/?#"));
    if (host.empty())
        refusals.invalid(path, Value(host), fmt::format("host must be specified{}", form));
    if (const auto at = host.find('@'); at != host.npos)
        refusals.invalid(path, Value(host.substr(0, at)), "user information is not permitted in the URL");
    if (const auto fragment = rest.find('#'); fragment != rest.npos)
        refusals.invalid(path, Value(rest.substr(fragment + 1)), "fragments are not permitted in the URL");
    if (const auto query = rest.find('?'); query != rest.npos)
        refusals.invalid(path, Value(rest.substr(query + 1)), "query parameters are not permitted in the URL");
}

/// Each step of the path has the form of a name; a slash may end it.
void checkServicePath(std::string_view text, const FieldPath& path, Refusals& refusals)
{
    if (text.empty() || text == "/")
        return;
    if (text == "//")
        return refusals.invalid(path, Value(text), "segment[0] may not be empty");
    if (!text.starts_with('/'))
        refusals.invalid(path, Value(text), "must start with a '/'");
    auto rest = text.substr(1);
    if (rest.ends_with('/'))
        rest.remove_suffix(1);
    std::size_t at = 0;
    for (std::size_t index = 0; at <= rest.size(); ++index) {
        const auto step = rest.substr(at, rest.find('/', at) - at);
        if (step.empty())
            refusals.invalid(path, Value(text), fmt::format("segment[{}] may not be empty", index));
        else if (const auto wrong = wrongDnsSubdomain(step); !wrong.empty())
            refusals.invalid(path, Value(text), fmt::format("segment[{}]: {}", index, wrong));
        at += step.size() + 1;
    }
}

void webhookClient(const Value& client, const FieldPath& path, Refusals& refusals)
{
    if (has(client, "url") == has(client, "service"))
        refusals.required(path, "exactly one of url or service is required");
    if (has(client, "url"))
        checkUrl(stringAt(client, {"url"}), path.child("url"), refusals);
    if (!has(client, "service"))
        return;
    const auto service = path.child("service");
    if (const auto port = integerAt(client, {"service", "port"}); !wrongPort(port).empty())
        refusals.invalid(service.child("port"), port, "port is not valid: " + wrongPort(port));
    checkServicePath(stringAt(client, {"service", "path"}), service.child("path"), refusals);
}

/// A list of names, or `all` alone.
void checkAlone(const Value& node, std::string_view member, std::string_view all, std::string_view what,
                const FieldPath& path, Refusals& refusals)
{
    const auto& items = itemsAt(node, {member});
    if (items.empty())
        refusals.required(path.child(member));
    if (items.size() > 1 && std::ranges::find(items, Value(all)) != items.end())
        refusals.invalid(path.child(member), Value(items),
                         fmt::format("if '{}' is present, must not specify other {}", all, what));
}

void requireTexts(const Array& items, const FieldPath& path, Refusals& refusals)
{
    for (std::size_t index = 0; index < items.size(); ++index)
        if (textOf(items[index]).empty())
            refusals.required(path.index(index));
}

/// "pods", "pods/status", "pods/*", "*/scale": none that an earlier one means already.
void checkSubresources(const Array& resources, const FieldPath& list, Refusals& refusals)
{
    std::set<std::string_view> wholes; ///< What "pods/*" has before its slash.
    std::set<std::string_view> parts;  ///< What "*/scale" has behind it.
    bool plain = false;
    for (std::size_t index = 0; index < resources.size(); ++index) {
        const auto text = textOf(resources[index]);
        const auto slash = text.find('/');
        plain = plain || (slash == text.npos && !text.empty() && text != "*");
        if (slash == text.npos)
            continue;
        const auto whole = text.substr(0, slash);
        const auto part = text.substr(slash + 1);
        const auto say = [&](std::string_view general) {
            refusals.invalid(list.index(index), resources[index],
                             fmt::format("if '{}' is present, must not specify {}", general, text));
        };
        if (wholes.contains(whole))
            say(fmt::format("{}/*", whole));
        if (parts.contains(part))
            say(fmt::format("*/{}", part));
        if (part == "*")
            wholes.insert(whole);
        if (whole == "*")
            parts.insert(part);
    }
    if (plain && std::ranges::find(resources, Value("*")) != resources.end())
        refusals.invalid(list, Value(resources),
                         "if '*' is present, must not specify other resources without subresources");
}

void admissionRule(const Value& rule, const FieldPath& path, Refusals& refusals)
{
    checkAlone(rule, "operations", "*", "operations", path, refusals);
    checkAlone(rule, "apiGroups", "*", "API groups", path, refusals);
    checkAlone(rule, "apiVersions", "*", "API versions", path, refusals);
    requireTexts(itemsAt(rule, {"apiVersions"}), path.child("apiVersions"), refusals);
    const auto& resources = itemsAt(rule, {"resources"});
    requireTexts(resources, path.child("resources"), refusals);
    checkAlone(rule, "resources", "*/*", "resources", path, refusals);
    checkSubresources(resources, path.child("resources"), refusals);
}

/// The objects that a rule names: each once.
void namedRule(const Value& rule, const FieldPath& path, Refusals& refusals)
{
    const auto& names = itemsAt(rule, {"resourceNames"});
    const auto list = path.child("resourceNames");
    std::set<std::string_view> seen;
    for (std::size_t index = 0; index < names.size(); ++index) {
        refuse(wrongPathSegment(textOf(names[index])), list.index(index), names[index], refusals);
        if (!seen.insert(textOf(names[index])).second)
            refusals.duplicate(list.index(index), names[index]);
    }
    admissionRule(rule, path, refusals);
}

void apiServiceName(const Value& service, const FieldPath& path, Refusals& refusals)
{
    const auto name = stringAt(service, {"metadata", "name"});
    const auto wanted =
        fmt::format("{}.{}", stringAt(service, {"spec", "version"}), stringAt(service, {"spec", "group"}));
    const auto metadata = path.child("metadata");
    if (name != wanted)
        refusals.invalid(metadata.child("name"), Value(name),
                         fmt::format("must be `spec.version+\".\"+spec.group`: \"{}\"", wanted));
}

void apiService(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto group = stringAt(spec, {"group"});
    const auto version = stringAt(spec, {"version"});
    if (group.empty() && version != "v1")
        refusals.required(path.child("group"), "only v1 may have an empty group and it better be legacy kube");
    else if (!group.empty())
        refuse(wrongDnsSubdomain(group), path.child("group"), Value(group), refusals);
    refuse(wrongDns1035Label(version), path.child("version"), Value(version), refusals);
    const auto groupRank = integerAt(spec, {"groupPriorityMinimum"});
    if (groupRank <= 0 || groupRank > 20'000)
        refusals.invalid(path.child("groupPriorityMinimum"), groupRank, "must be positive and less than 20000");
    const auto versionRank = integerAt(spec, {"versionPriority"});
    if (versionRank <= 0 || versionRank > 1000)
        refusals.invalid(path.child("versionPriority"), versionRank, "must be positive and less than 1000");
    const bool insecure = boolAt(spec, {"insecureSkipTLSVerify"});
    const auto bundle = decodeBase64(stringAt(spec, {"caBundle"})).value_or("");
    const bool certificates = !bundle.empty();
    if (has(spec, "service")) {
        const auto service = path.child("service");
        for (const auto* member : {"namespace", "name"})
            if (stringAt(spec, {"service", member}).empty())
                refusals.required(service.child(member));
        if (const auto port = integerAt(spec, {"service", "port"}); !wrongPort(port).empty())
            refusals.invalid(service.child("port"), port, "port is not valid: " + wrongPort(port));
        if (insecure && certificates)
            refusals.invalid(path.child("insecureSkipTLSVerify"), true, "may not be true if caBundle is present");
        return;
    }
    if (certificates)
        refusals.invalid(path.child("caBundle"), Value(fmt::format("{} bytes", bundle.size())),
                         "local APIServices may not have a caBundle");
    if (insecure)
        refusals.invalid(path.child("insecureSkipTLSVerify"), true,
                         "local APIServices may not have insecureSkipTLSVerify");
}

void definitionName(const Value& definition, const FieldPath& path, Refusals& refusals)
{
    const auto name = stringAt(definition, {"metadata", "name"});
    const auto metadata = path.child("metadata");
    if (name != fmt::format("{}.{}", stringAt(definition, {"spec", "names", "plural"}),
                            stringAt(definition, {"spec", "group"})))
        refusals.invalid(metadata.child("name"), Value(name), "must be spec.names.plural+\".\"+spec.group");
}

void checkDefinitionVersions(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& versions = itemsAt(spec, {"versions"});
    const auto list = path.child("versions");
    std::set<std::string_view> names;
    int stored = 0;
    bool unique = true;
    for (std::size_t index = 0; index < versions.size(); ++index) {
        const auto at = list.index(index);
        const auto name = stringAt(versions[index], {"name"});
        refuse(wrongDns1035Label(name), at.child("name"), Value(name), refusals);
        unique = names.insert(name).second && unique;
        stored += boolAt(versions[index], {"storage"}) ? 1 : 0;
        const auto schema = at.child("schema");
        if (!find(versions[index], {"schema", "openAPIV3Schema"}))
            refusals.required(schema.child("openAPIV3Schema"), "schemas are required");
    }
    if (!unique)
        refusals.invalid(list, Value(versions), "must contain unique version names");
    if (stored != 1)
        refusals.invalid(list, Value(versions), "must have exactly one version marked as storage version");
}

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

void checkDefinitionNames(const Value& names, const FieldPath& path, Refusals& refusals)
{
    for (const auto* member : {"plural", "singular"})
        if (const auto name = stringAt(names, {member}); !name.empty())
            refuse(wrongDns1035Label(name), path.child(member), Value(name), refusals);
    for (const auto* member : {"kind", "listKind"})
        if (const auto name = stringAt(names, {member}); !name.empty())
            if (const auto wrong = wrongDns1035Label(lowered(name)); !wrong.empty())
                refusals.invalid(path.child(member), Value(name),
                                 "may have mixed case, but should otherwise match: " + wrong);
    const auto kind = stringAt(names, {"kind"});
    if (!kind.empty() && kind == stringAt(names, {"listKind"}))
        refusals.invalid(path.child("listKind"), Value(kind), "kind and listKind may not be the same");
    for (const auto* member : {"shortNames", "categories"}) {
        const auto& items = itemsAt(names, {member});
        const auto list = path.child(member);
        for (std::size_t index = 0; index < items.size(); ++index)
            refuse(wrongDns1035Label(textOf(items[index])), list.index(index), items[index], refusals);
    }
}

/// Paths are those of Kubernetes' own form, in which there is no `webhook`.
void checkConversion(const Value& conversion, const FieldPath& path, Refusals& refusals)
{
    const bool client = find(conversion, {"webhook", "clientConfig"}) != nullptr;
    const auto& versions = itemsAt(conversion, {"webhook", "conversionReviewVersions"});
    const auto clientPath = path.child("webhookClientConfig");
    const auto versionsPath = path.child("conversionReviewVersions");
    if (stringAt(conversion, {"strategy"}) == "Webhook") {
        if (!client)
            refusals.required(clientPath, "required when strategy is set to Webhook");
        return checkReviewVersions(versions, "", versionsPath, refusals);
    }
    if (client)
        refusals.forbidden(clientPath, "should not be set when strategy is not set to Webhook");
    if (!versions.empty())
        refusals.forbidden(versionsPath, "should not be set when strategy is not set to Webhook");
}

void definitionSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto group = stringAt(spec, {"group"});
    if (!group.empty() && !wrongDnsSubdomain(group).empty())
        refuse(wrongDnsSubdomain(group), path.child("group"), Value(group), refusals);
    else if (!group.empty() && group.find('.') == group.npos)
        refusals.invalid(path.child("group"), Value(group), "should be a domain with at least one dot");
    checkDefinitionVersions(spec, path, refusals);
    if (const auto* names = find(spec, {"names"}); names && names->is_object())
        checkDefinitionNames(*names, path.child("names"), refusals);
    if (boolAt(spec, {"preserveUnknownFields"}))
        refusals.invalid(path.child("preserveUnknownFields"), true,
                         "must be false in order to use defaults in the schema");
    if (const auto* conversion = find(spec, {"conversion"}); conversion && conversion->is_object())
        checkConversion(*conversion, path.child("conversion"), refusals);
}

constexpr std::array table{
    Rule{"admissionRule", admissionRule},   Rule{"apiService", apiService},
    Rule{"apiServiceName", apiServiceName}, Rule{"definitionName", definitionName},
    Rule{"definitionSpec", definitionSpec}, Rule{"namedRule", namedRule},
    Rule{"signingRequest", signingRequest}, Rule{"webhook", webhook},
    Rule{"webhookClient", webhookClient},   Rule{"webhookNames", webhookNames},
};

} // namespace

std::span<const Rule> extensionRules()
{
    return table;
}

} // namespace keelson::api
