// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/informer.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace keelson::client {

/// One informer for each kind, shared by all who live on one loop.
///
/// Threads and life as for `InformerBase`. Ask for informers before `start`.
class InformerFactory {
public:
    InformerFactory(Client& client, Loop& loop) : m_client(client), m_loop(loop) {}

    /// The informer of T over all namespaces; made on first call, which comes before any `metadataInformer` of that
    /// kind.
    template <typename T>
    Informer<T>& informer()
    {
        auto& place = m_informers[api::kindOf<T>().resourceName()];
        if (!place)
            place = std::make_unique<Informer<T>>(m_client, m_loop);
        return static_cast<Informer<T>&>(*place);
    }

    /// The informer of those that a field selector matches: for who needs few of many. It leaves the others undecoded.
    template <typename T>
    Informer<T>& informer(const std::string& fieldSelector)
    {
        auto& place = m_informers[api::kindOf<T>().resourceName() + "?" + fieldSelector];
        if (!place)
            place = std::make_unique<Informer<T>>(m_client, m_loop, ListOptions{.fieldSelector = fieldSelector});
        return static_cast<Informer<T>&>(*place);
    }

    /// The informer of the kind: the typed one where somebody asked for it before, else one that reads metadata alone.
    InformerBase& metadataInformer(const Kind& kind)
    {
        auto& place = m_informers[kind.resourceName()];
        if (!place)
            place = std::make_unique<InformerBase>(m_client, m_loop, kind, ListOptions{}, decodeMetadata);
        return *place;
    }

    void start()
    {
        for (const auto& [name, informer] : m_informers)
            informer->start();
    }
    void stop()
    {
        for (const auto& [name, informer] : m_informers)
            informer->stop();
    }
    bool synced() const
    {
        for (const auto& [name, informer] : m_informers) {
            if (!informer->synced())
                return false;
        }
        return true;
    }
    std::vector<InformerBase*> informers() const
    {
        std::vector<InformerBase*> all;
        all.reserve(m_informers.size());
        for (const auto& [name, informer] : m_informers)
            all.push_back(informer.get());
        return all;
    }

private:
    Client& m_client;
    Loop& m_loop;
    std::map<std::string, std::unique_ptr<InformerBase>>
        m_informers; ///< By resource name and selector; an Informer<T> when `informer<T>` made it.
};

} // namespace keelson::client
