// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policies/expressions.h"
#include "registry/admission.h"

#include <optional>

namespace keelson::registry {

/// A write as webhooks and policies are asked about it: of the subresource scale with a Scale in place of the object,
/// of a Binding, an Eviction and the options of a connection with that. One thread.
class AskedWrite {
public:
    /// Both outlive it.
    AskedWrite(const WatchCache& cache, const Admission& admission);
    AskedWrite(const AskedWrite&) = delete;
    AskedWrite& operator=(const AskedWrite&) = delete;

    /// Reads the object anew, which has changed.
    void refresh();

    const policies::Request& request() const { return *m_request; }
    const policies::RequestLabels& labels() const { return m_labels; }
    /// What its expressions may name; valid until the object changes.
    policies::Input input(const auth::Authorizer* authorizer) const;

private:
    const Admission& m_admission;
    const policies::Operation m_operation;
    const StoredObjectPtr m_space; ///< The namespace that the object lies in; null: none.
    mutable Value m_spaceDocument; ///< Read when it is asked for.
    Value m_scale;
    Value m_scaleBefore;
    std::optional<policies::Request> m_request;
    policies::RequestLabels m_labels;
};

} // namespace keelson::registry
