// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::audit {

/// How much of a request goes into the log.
enum class Level { None, Metadata, Request, RequestResponse };
/// When in the life of a request.
enum class Stage { RequestReceived, ResponseStarted, ResponseComplete, Panic };

std::string_view levelName(Level level);
std::string_view stageName(Stage stage);

/// What is logged of which requests: the first rule that fits says it; what none fits is not logged.
/// Immutable; any thread. Source: Kubernetes auditing, audit.k8s.io/v1 Policy.
class Policy {
public:
    /// Reads a policy file (YAML or JSON). `Invalid` names the place that cannot be used.
    static Result<Policy> parse(std::string_view text);

    struct Choice {
        Level level = Level::None;
        bool omitManagedFields = false;
        bool secret = false; ///< A refusal's words may repeat what was sent: they are left out.
        std::vector<Stage> omitted;
        bool wants(Stage stage) const;
    };
    /// Of what holds secrets (Secrets, tokens and their reviews) never more than Metadata, whatever the rules say.
    Choice choose(const auth::User& user, const auth::Attributes& attributes) const;

private:
    struct Resources {
        std::string group;
        std::vector<std::string> resources; ///< "pods", "pods/log", "pods/*", "*/scale", "*"; empty: all.
        std::vector<std::string> names;     ///< Empty: all.
    };
    struct Rule {
        Choice choice;
        std::vector<std::string> users;
        std::vector<std::string> groups;
        std::vector<std::string> verbs;
        std::vector<Resources> resources;
        std::vector<std::string> namespaces; ///< "": without a namespace.
        std::vector<std::string> paths;      ///< "/healthz*", "*"
        bool fits(const auth::User& user, const auth::Attributes& attributes) const;
    };
    struct Reader;
    static bool fits(const Resources& resources, const auth::Attributes& attributes);

    std::vector<Rule> m_rules;
};

} // namespace keelson::audit
