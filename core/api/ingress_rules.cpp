// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"
#include "api/selector.h"

#include <fmt/format.h>

#include <array>

namespace keelson::api {
namespace {

/// "example.org", "*.example.org"
std::string wrongHost(std::string_view host)
{
    return host.find('*') != host.npos ? wrongWildcardSubdomain(host) : wrongDnsSubdomain(host);
}

void ingressSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& rules = itemsAt(spec, {"rules"});
    if (rules.empty() && !has(spec, "defaultBackend"))
        refusals.invalid(path, Value(rules), "either `defaultBackend` or `rules` must be specified");
    const auto list = path.child("rules");
    for (std::size_t index = 0; index < rules.size(); ++index) {
        const auto at = list.index(index);
        const auto host = stringAt(rules[index], {"host"});
        if (!host.empty() && wrongIp(host).empty())
            refusals.invalid(at.child("host"), Value(host), "must be a DNS name, not an IP address");
        else if (!host.empty())
            refuse(wrongHost(host), at.child("host"), Value(host), refusals);
    }
    const auto& certificates = itemsAt(spec, {"tls"});
    const auto tls = path.child("tls");
    for (std::size_t index = 0; index < certificates.size(); ++index) {
        const auto& hosts = itemsAt(certificates[index], {"hosts"});
        const auto at = tls.index(index);
        const auto hostList = at.child("hosts");
        for (std::size_t host = 0; host < hosts.size(); ++host)
            refuse(wrongHost(textOf(hosts[host])), hostList.index(host), hosts[host], refusals);
        if (const auto secret = stringAt(certificates[index], {"secretName"}); !secret.empty())
            refuse(wrongDnsSubdomain(secret), at.child("secretName"), Value(secret), refusals);
    }
    if (const auto name = stringAt(spec, {"ingressClassName"}); has(spec, "ingressClassName"))
        refuse(wrongDnsSubdomain(name), path.child("ingressClassName"), Value(name), refusals);
}

/// The class was an annotation before it was a field. Kubernetes names the annotation without its metadata.
void ingressOfOneClass(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::string_view annotation = "kubernetes.io/ingress.class";
    const auto* old = find(node, {"metadata", "annotations", annotation});
    const auto* name = find(node, {"spec", "ingressClassName"});
    const auto annotations = path.child("annotations");
    if (old && name && *old != *name)
        refusals.invalid(annotations.child(annotation), *old, "must match `ingressClassName` when both are specified");
}

/// Parts that would let a path mean another one.
void checkPathParts(std::string_view text, const FieldPath& path, Refusals& refusals)
{
    for (const auto* part : {"//", "/./", "/../", "%2f", "%2F"})
        if (text.find(part) != text.npos)
            refusals.invalid(path, Value(text), fmt::format("must not contain '{}'", part));
    for (const auto* end : {"/..", "/."})
        if (text.ends_with(end))
            refusals.invalid(path, Value(text), fmt::format("cannot end with '{}'", end));
}

void ingressPath(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto type = stringAt(node, {"pathType"});
    const auto text = stringAt(node, {"path"});
    if (type != "Exact" && type != "Prefix" && type != "ImplementationSpecific")
        return;
    if (!text.starts_with("/") && (type != "ImplementationSpecific" || !text.empty()))
        refusals.invalid(path.child("path"), Value(text), "must be an absolute path");
    if (type != "ImplementationSpecific" && text.starts_with("/"))
        checkPathParts(text, path.child("path"), refusals);
}

void checkServiceBackend(const Value& service, const FieldPath& backend, Refusals& refusals)
{
    const auto path = backend.child("service");
    const auto portPath = path.child("port");
    if (const auto name = stringAt(service, {"name"}); !name.empty())
        refuse(wrongDns1035Label(name), path.child("name"), Value(name), refusals);
    const auto name = stringAt(service, {"port", "name"});
    const auto number = integerAt(service, {"port", "number"});
    if (!name.empty() && number != 0)
        refusals.invalid(backend, "", "cannot set both port name & port number");
    else if (!name.empty())
        refuse(wrongPortName(name), portPath.child("name"), Value(name), refusals);
    else if (number != 0)
        refuse(wrongPort(number), portPath.child("number"), number, refusals);
    else
        refusals.required(backend, "port name or number is required");
}

/// An object of any kind in the namespace; its names can be parts of a path.
void checkResourceBackend(const Value& resource, const FieldPath& path, Refusals& refusals)
{
    if (const auto group = stringAt(resource, {"apiGroup"}); !group.empty())
        refuse(wrongDnsSubdomain(group), path.child("apiGroup"), Value(group), refusals);
    for (const auto* member : {"kind", "name"})
        if (const auto text = stringAt(resource, {member}); !text.empty())
            refuse(wrongPathSegment(text), path.child(member), Value(text), refusals);
}

void ingressBackend(const Value& backend, const FieldPath& path, Refusals& refusals)
{
    const bool service = has(backend, "service");
    const bool resource = has(backend, "resource");
    if (service && resource)
        refusals.invalid(path, "", "cannot set both resource and service backends");
    else if (service)
        checkServiceBackend(backend.at("service"), path, refusals);
    else if (resource)
        checkResourceBackend(backend.at("resource"), path.child("resource"), refusals);
    else
        refusals.invalid(path, "", "resource or service backend is required");
}

void ingressClass(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t controllerMax = 250;
    const auto controller = stringAt(spec, {"controller"});
    if (controller.size() > controllerMax)
        refusals.tooLong(path.child("controller"), controllerMax);
    if (controller.empty())
        refusals.required(path.child("controller"));
    else
        refuse(wrongDomainPath(controller), path.child("controller"), Value(controller), refusals);
}

void ingressParameters(const Value& parameters, const FieldPath& path, Refusals& refusals)
{
    checkResourceBackend(parameters, path, refusals);
    if (const auto space = stringAt(parameters, {"namespace"}); !space.empty())
        refuse(wrongDnsLabel(space), path.child("namespace"), Value(space), refusals);
    const auto scope = stringAt(parameters, {"scope"});
    if (scope == "Namespace" && !has(parameters, "namespace"))
        refusals.required(path.child("namespace"), "`parameters.scope` is set to 'Namespace'");
    if (scope == "Cluster" && has(parameters, "namespace"))
        refusals.forbidden(path.child("namespace"), "`parameters.scope` is set to 'Cluster'");
}

void policyPort(const Value& port, const FieldPath& path, Refusals& refusals)
{
    const auto* first = find(port, {"port"});
    const auto last = integerAt(port, {"endPort"});
    const bool range = has(port, "endPort");
    if (first && first->is_string()) {
        if (range)
            refusals.invalid(path.child("endPort"), last, "may not be specified when `port` is non-numeric");
        refuse(wrongPortName(textOf(*first)), path.child("port"), *first, refusals);
    } else if (first && first->is_int64()) {
        refuse(wrongPort(first->get_int64()), path.child("port"), *first, refusals);
        if (range && last < first->get_int64())
            refusals.invalid(path.child("endPort"), *first, "must be greater than or equal to `port`");
        if (range)
            refuse(wrongPort(last), path.child("endPort"), last, refusals);
    } else if (range) {
        refusals.invalid(path.child("endPort"), last, "may not be specified when `port` is not specified");
    }
}

void policyPeer(const Value& peer, const FieldPath& path, Refusals& refusals)
{
    const bool selects = has(peer, "podSelector") || has(peer, "namespaceSelector");
    if (!selects && !has(peer, "ipBlock"))
        refusals.required(path, "must specify a peer");
    if (selects && has(peer, "ipBlock"))
        refusals.forbidden(path, "may not specify both ipBlock and another peer");
}

void ipBlock(const Value& block, const FieldPath& path, Refusals& refusals)
{
    const auto cidr = stringAt(block, {"cidr"});
    if (cidr.empty())
        return;
    const auto wrong = wrongCidr(cidr);
    refuse(wrong, path.child("cidr"), Value(cidr), refusals);
    const auto& parts = itemsAt(block, {"except"});
    const auto list = path.child("except");
    for (std::size_t index = 0; index < parts.size(); ++index) {
        const auto part = textOf(parts[index]);
        if (const auto wrongPart = wrongCidr(part); !wrongPart.empty())
            refusals.invalid(list.index(index), parts[index], wrongPart);
        else if (wrong.empty() && !isStrictSubnet(part, cidr))
            refusals.invalid(list.index(index), parts[index], "must be a strict subset of `cidr`");
    }
}

void networkPolicy(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& types = itemsAt(spec, {"policyTypes"});
    if (types.size() > 2)
        refusals.invalid(path.child("policyTypes"), Value(types), "may not specify more than two policyTypes");
}

constexpr std::array table{
    Rule{"ingressBackend", ingressBackend},
    Rule{"ingressClass", ingressClass},
    Rule{"ingressOfOneClass", nullptr, nullptr, ingressOfOneClass},
    Rule{"ingressParameters", ingressParameters},
    Rule{"ingressPath", ingressPath},
    Rule{"ingressSpec", ingressSpec},
    Rule{"ipBlock", ipBlock},
    Rule{"networkPolicy", networkPolicy},
    Rule{"policyPeer", policyPeer},
    Rule{"policyPort", policyPort},
};

} // namespace

std::span<const Rule> ingressRules()
{
    return table;
}

} // namespace keelson::api
