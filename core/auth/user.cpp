// SPDX-License-Identifier: Apache-2.0
#include "auth/user.h"

#include <fmt/format.h>

namespace keelson::auth {

Error forbidden(const User& user, const Attributes& attributes, std::string_view reason)
{
    const auto because = reason.empty() ? std::string() : fmt::format(": {}", reason);
    if (attributes.resource.empty()) {
        return makeError(Reason::Forbidden, fmt::format("forbidden: User \"{}\" cannot {} path \"{}\"{}", user.name,
                                                        attributes.verb, attributes.path, because));
    }
    const auto resource = attributes.subresource.empty()
                              ? attributes.resource
                              : fmt::format("{}/{}", attributes.resource, attributes.subresource);
    const auto qualified =
        attributes.group.empty() ? attributes.resource : fmt::format("{}.{}", attributes.resource, attributes.group);
    const auto where = attributes.nameSpace.empty() ? std::string(" at the cluster scope")
                                                    : fmt::format(" in the namespace \"{}\"", attributes.nameSpace);
    const auto what = attributes.name.empty() ? qualified : fmt::format("{} \"{}\"", qualified, attributes.name);
    auto error = makeError(Reason::Forbidden,
                           fmt::format("{} is forbidden: User \"{}\" cannot {} resource \"{}\" in API group \"{}\"{}{}",
                                       what, user.name, attributes.verb, resource, attributes.group, where, because));
    error.group = attributes.group;
    error.resource = attributes.resource;
    error.name = attributes.name;
    return error;
}

} // namespace keelson::auth
