// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::trace {

/// The steps from apply to Ready, in their order.
enum class Step {
    Authentication, ///< Who asks.
    Authorization,  ///< Which rule lets them.
    Admission,      ///< What the cluster changed or demanded.
    Store,          ///< The commit.
    Controller,     ///< A pass that brings the cluster nearer to the object.
    Scheduling,     ///< Which node, and why.
    Sandbox,        ///< The node prepares the pod's volumes and network.
    Image,          ///< It makes sure of the image.
    Container,      ///< It creates and starts a container.
    Probe,          ///< The container starts until it is ready.
    Proxy,          ///< A node's rules lead to the new endpoints.
    Dns,            ///< A node's DNS server answers with them.
};

/// "authentication", "authorization" ...
std::string_view nameOf(Step step);

/// An object that spans are about. Immutable, shared by them.
struct Subject {
    std::string group; ///< Empty: core.
    std::string kind;
    std::string nameSpace;
    std::string name;
    std::string uid;
    std::string owner; ///< The uid of the object that controls it; empty: none.
};
using SubjectPtr = std::shared_ptr<const Subject>;

/// One thing that took its time on the way of an object.
struct Span {
    Step step = Step::Store;
    SubjectPtr subject;
    std::vector<std::string> related; ///< Uids of objects that it concerns besides, such as the pods behind a Service.
    std::string actor;                ///< Who did it: a user, a controller, "default-scheduler", a node.
    WallTime begin;
    Duration length{0};
    bool failed = false;
    bool declares = false;      ///< A write that changed what is wanted: it created the object, or changed its spec.
    std::string summary;        ///< A sentence for people.
    std::string details;        ///< A JSON object, or empty.
    std::uint64_t revision = 0; ///< That of the commit; 0: it wrote nothing.
    std::string request;        ///< The trace id of the client (W3C Trace Context), 32 hex digits; mostly empty.
};

} // namespace keelson::trace
