// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/meta_v1.h"
#include "controllers/controller.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::controllers {

/// The informers of all kinds that can own and be owned: of built-in kinds those that all controllers share, of custom
/// kinds its own, which begin when a definition is established and end with it.
///
/// Threads: constructed before the informers start; `start` and `stop` on any thread; questions on any thread. An
/// informer lives as long as this, ended or not: passes under way may ask it.
class CollectedKinds {
public:
    using Changed = std::function<void(client::InformerBase& informer, const client::CachedPtr& before,
                                       const client::CachedPtr& now)>;

    /// `client` reads custom kinds; it outlives this. `changed` runs on the loop for each change of an object.
    CollectedKinds(const Context& context, client::Client& client, Changed changed);

    static std::vector<client::InformerBase*> builtIn(const Context& context);
    void stop();

    /// Of a resource, "widgets.example.org"; null when there is none.
    client::InformerBase* named(const std::string& resource) const;
    /// Of the kind of an owner; null when that is no kind of ours.
    client::InformerBase* ofOwner(const api::OwnerReference& owner) const;
    std::vector<client::InformerBase*> all() const;

private:
    struct Custom {
        std::shared_ptr<const api::Catalog> catalog; ///< Keeps the kind.
        std::unique_ptr<client::InformerBase> informer;
    };
    void refresh();
    void begin(const std::shared_ptr<const api::Catalog>& catalog, const api::Kind& kind);

    client::Client& m_client;
    Loop& m_loop;
    const Changed m_changed;
    mutable std::mutex m_mutex; ///< Guards the rest.
    bool m_stopped = false;
    std::map<std::string, client::InformerBase*> m_informers; ///< By resource name.
    std::map<std::string, Custom> m_custom;                   ///< Of these, the custom ones.
    std::vector<Custom> m_ended;
};

} // namespace keelson::controllers
