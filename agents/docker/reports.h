// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"

#include <boost/json/value.hpp>

namespace keelson::docker {

/// Pure: reads `GET /containers/ID/json`. What is missing stays empty.
containers::ContainerInfo containerFromInspect(const boost::json::value& inspected);
/// Reads `GET /info`.
containers::RuntimeInfo runtimeFromInfo(const boost::json::value& info);
/// Reads `GET /images/json`; without those that have no name.
std::vector<containers::ImageInfo> imagesFromList(const boost::json::value& list);
/// Reads `GET /containers/ID/stats?stream=false&one-shot=true`, of cgroup v1 and v2.
containers::ContainerStats statsFromReply(const boost::json::value& reply);

/// The string at a path of members, "" when there is none.
std::string_view textAt(const boost::json::value& value, std::initializer_list<std::string_view> path);
std::int64_t numberAt(const boost::json::value& value, std::initializer_list<std::string_view> path);
bool truthAt(const boost::json::value& value, std::initializer_list<std::string_view> path);

} // namespace keelson::docker
