// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.h"
#include "registry/watch_cache.h"

#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace keelson::registry {

enum class Verb { Create, Update, Delete, Connect };

/// A write on its way to the store.
struct Admission {
    const WriteContext& context;
    Verb verb = Verb::Create;
    const Kind& kind;
    const ObjectKey& key;
    std::string_view subresource;
    Value* object = nullptr;       ///< Defaulted, not yet validated; may be changed. Null for Delete and with `sent`.
    const Value* before = nullptr; ///< Null for Create.
    /// Of a subresource with a kind of its own what was sent: a Binding, an Eviction, the options of a connection.
    Value* sent = nullptr;
    /// What the write needs to stay as it is until the commit; otherwise it is tried again.
    std::vector<store::Expectation>& expectations;
    /// What is reserved for the write; let go when the write is over.
    std::vector<std::shared_ptr<void>>& holds;
    /// What is wrong with the object of a Create or Update; said together with what validation finds.
    std::vector<Cause>& refusals;
    /// Set by a step that changed the object in another's name: all admit it once more.
    bool admitAgain = false;
    bool secondRound = false;
    /// The object as each webhook left it in the first round, by configuration and name.
    std::map<std::string, Value> leftByWebhook = {};
};

/// A rule of the cluster that a write must pass or that completes it, one of an ordered list.
/// Threads: any; must not block, but for webhooks.
class AdmissionStep {
public:
    virtual ~AdmissionStep() = default;
    virtual std::string_view name() const = 0;
    /// Completes the object, or refuses the write before the object is validated.
    virtual Result<Done> admit(Admission& /*admission*/) const { return Done{}; }
    /// Judges the object as it would be stored: complete and valid. Runs after all steps have admitted it. May not
    /// change it.
    virtual Result<Done> check(Admission& /*admission*/) const { return Done{}; }
    /// Whether users of the cluster configured somebody that it asks: such steps see requests with `sent`, and only
    /// they.
    virtual bool isConfigured() const { return false; }
    /// Whether `admit` may change such an object; what it changed is told to who observes the writes.
    virtual bool changes(const Admission& /*admission*/) const { return false; }
};

/// `pods "web" is forbidden: WHY`, with the details for a `Status`.
Error forbiddenObject(const Kind& kind, std::string_view name, std::string_view why);
bool isPodCreation(const Admission& admission);
/// A new object of the kind itself, not of a subresource.
bool isCreation(const Admission& admission, const Kind& kind);
/// Goes into a Warning header, once.
void warn(const WriteContext& context, std::string text);
/// `pods "web" not found`.
Error notFound(const Kind& kind, std::string_view name);

/// A namespaced object needs a namespace that is there and not terminating; default, kube-system, kube-public and
/// kube-node-lease stay.
std::unique_ptr<AdmissionStep> namespaceLifecycle(const WatchCache& cache, const api::Catalog& catalog);
/// A custom object needs a definition that is there and not terminating.
std::unique_ptr<AdmissionStep> definitionLifecycle(const WatchCache& cache, const api::Catalog& catalog);
/// A new pod gets the service account "default" unless it names one; the account must exist. Its containers find the
/// account's token, the cluster's certificate authority and their namespace in /var/run/secrets/kubernetes.io/
/// serviceaccount, unless pod or account say otherwise (automountServiceAccountToken); its images are pulled with the
/// account's secrets unless it names some.
std::unique_ptr<AdmissionStep> serviceAccount(const WatchCache& cache, const api::Catalog& catalog, Random& random);
} // namespace keelson::registry
