// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "base/clock.h"
#include "fieldmanager/field_walk.h"
#include "fieldmanager/managers.h"

namespace keelson::fieldmanager {

/// Who writes, through what, when.
struct Writer {
    std::string name;        ///< Empty: "unknown".
    std::string subresource; ///< Empty: the object itself.
    WallTime now;
};

/// Keeps the books of metadata.managedFields for one kind, and applies configurations by them (server-side apply).
///
/// Documents are defaulted, in normal form, and without managedFields, which travel beside them as the text of their
/// list ("" for none). Pure but for its kind; any thread.
/// Source: Kubernetes' documentation of server-side apply, and its structured merge and diff.
class FieldManager {
public:
    explicit FieldManager(const api::Kind& kind);

    /// The managers of a new object: the writer, and those that the client sent with it.
    std::string created(const api::Value& object, const api::Value& sent, const Writer& writer) const;
    /// The managers after an update: what it changed is the writer's, and nobody else's. Times change only with fields.
    /// An object without managers is not tracked: its updates leave it so.
    std::string updated(const api::Value& before, const api::Value& after, std::string_view managers,
                        const Writer& writer) const;
    /// The managers that an update starts from: those that the client sent, unless there are none or they cannot be
    /// used (then those of the object), or they ask for a reset (then none).
    static std::string startingFrom(std::string_view managers, const api::Value& sent);

    struct Applied {
        api::Value object; ///< Merged; neither defaulted nor in normal form.
        std::string managers;
    };
    /// A configuration that makes a new object.
    Applied applyToNothing(const api::Value& configuration, const Writer& writer) const;
    /// The object with what the configuration says, without what the writer applied before and no longer does, unless
    /// others own it too. `Conflict` names each field that another manager set to something else, unless `force`.
    Result<Applied> apply(const api::Value& live, std::string_view managers, const api::Value& configuration,
                          const Writer& writer, bool force) const;

    /// `BadRequest` for a configuration that cannot be merged by its paths: `failed to create typed patch object ...`.
    Result<Done> checkConfiguration(const api::ObjectKey& key, const api::Value& configuration) const;

private:
    struct Conflict {
        Manager manager;
        FieldSet fields;
    };
    struct Attempt {
        Applied applied;
        std::vector<Conflict> conflicts;
    };

    Attempt attempt(const api::Value& live, Managers managers, const api::Value& configuration,
                    const Writer& writer) const;
    api::Value withoutAbandoned(api::Value merged, const Managers& managers, const FieldSet& last) const;
    std::vector<Conflict> settle(const Changes& changes, const Manager& writer, Managers& managers) const;
    void allowLastApplied(const api::Value& live, std::vector<Conflict>& conflicts) const;
    void strip(FieldSet& fields, std::string_view subresource) const;
    Manager manager(const Writer& writer, Operation operation) const;
    static Error conflictError(const std::vector<Conflict>& conflicts);

    const api::Kind& m_kind;
    const api::Value m_empty; ///< What a create adds to.
    const FieldSet m_served;  ///< What is the server's: nobody manages that.
};

} // namespace keelson::fieldmanager
