// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// The forms of names. Each function says what is wrong with the text, or nothing when it has the form.
/// Source: Kubernetes, "Object Names and IDs" and "Labels and Selectors"; RFC 1035, RFC 1123.
namespace keelson::api {

/// "web-1.example": at most 253 characters.
std::string wrongDnsSubdomain(std::string_view text);
/// "web-1": at most 63 characters.
std::string wrongDnsLabel(std::string_view text);
/// A DNS label that begins with a letter.
std::string wrongDns1035Label(std::string_view text);
/// What may stand as one part of a URL's path.
std::string wrongPathSegment(std::string_view text);
/// "app", "example.org/app": of labels, annotations, finalizers, resources.
std::string wrongQualifiedName(std::string_view text);
std::string wrongLabelValue(std::string_view text);
/// A key of a ConfigMap or Secret.
std::string wrongConfigKey(std::string_view text);
/// A name of an environment variable: any printable character but '='.
std::string wrongEnvName(std::string_view text);
/// "X-Trace-Id"
std::string wrongHeaderName(std::string_view text);
/// "http": a port's name, at most 15 characters with a letter.
std::string wrongPortName(std::string_view text);
/// 1 to 65535.
std::string wrongPort(long long number);
/// An IPv4 or IPv6 address.
std::string wrongIp(std::string_view text);
/// "10.0.0.0/8"
std::string wrongCidr(std::string_view text);
/// "*.example.org"
std::string wrongWildcardSubdomain(std::string_view text);
/// "example.org/fast": a subdomain and a path.
std::string wrongDomainPath(std::string_view text);
/// Whether all addresses of the first range are in the second and the second has more. Both are ranges.
bool isStrictSubnet(std::string_view part, std::string_view whole);
/// "25%"
std::string wrongPercent(std::string_view text);

} // namespace keelson::api
