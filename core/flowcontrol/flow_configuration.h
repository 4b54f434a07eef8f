// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "auth/user.h"

#include <span>
#include <string>
#include <vector>

namespace keelson::flowcontrol {

/// How many requests of one kind of importance are served at once, and how many wait.
/// Source: Kubernetes API priority and fairness, PriorityLevelConfiguration.
struct PriorityLevel {
    std::string name;
    std::string uid;
    bool exempt = false;     ///< Never waits, never refused.
    int shares = 0;          ///< Of the server's seats, against those of the other levels.
    int lendablePercent = 0; ///< Of its seats: what others may use while it does not.
    int queues = 0;          ///< 0: what finds no seat is refused at once.
    int handSize = 1;        ///< A flow is dealt so many of the queues, and takes the shortest.
    int queueLengthMax = 0;
};

/// Which requests belong together, and to which level.
/// Source: Kubernetes API priority and fairness, FlowSchema.
struct FlowSchema {
    enum class Distinguisher { None, ByUser, ByNamespace };
    struct ResourceRule {
        std::vector<std::string> verbs;
        std::vector<std::string> groups;
        std::vector<std::string> resources; ///< "pods", "nodes/status", "*".
        std::vector<std::string> namespaces;
        bool clusterScope = false;
    };
    struct PathRule {
        std::vector<std::string> verbs;
        std::vector<std::string> paths; ///< "/healthz", "/apis/*", "*".
    };
    struct Rule {
        std::vector<std::string> users;
        std::vector<std::string> groups;
        std::vector<ResourceRule> resources;
        std::vector<PathRule> paths;
    };

    std::string name;
    std::string uid;
    std::string level;
    int precedence = 0; ///< The schema with the lowest that matches counts.
    Distinguisher distinguisher = Distinguisher::None;
    std::vector<Rule> rules;

    bool matches(const auth::User& user, const auth::Attributes& attributes) const;
};

/// The levels and schemas of a server. Immutable; any thread.
struct FlowConfiguration {
    std::vector<PriorityLevel> levels;
    std::vector<FlowSchema> schemas; ///< By precedence, then name.

    /// Reads objects of flowcontrol.apiserver.k8s.io/v1: PriorityLevelConfiguration and FlowSchema, in any order.
    /// `Invalid` names the object that cannot be used. Schemas whose level is not there are left out.
    static Result<FlowConfiguration> fromObjects(std::span<const api::Value> objects);
    /// Kubernetes' own: exempt, system, node-high, leader-election, workload-high, workload-low, global-default,
    /// catch-all.
    static const FlowConfiguration& builtIn();
};

/// The objects that `FlowConfiguration::builtIn` is read from.
std::vector<api::Value> builtInObjects();

} // namespace keelson::flowcontrol
