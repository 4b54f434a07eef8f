// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/informer_factory.h"
#include "controllers/controllers.h"
#include "controlloop/runner.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace keelson::controllers {

using api::ObjectKey;
using api::Value;
using controlloop::Pass;

/// What a controller is made from.
struct Context {
    const ClientFor& clientFor; ///< Only while the controllers are made.
    Loop& loop;
    Executor& executor;
    Random& random;
    const Options& options;
    client::InformerFactory& informers;

    /// The client of the service account kube-system/`name`.
    client::Client& clientOf(std::string_view name) const
    {
        return clientFor("system:serviceaccount:kube-system:" + std::string(name));
    }
};

/// A part of the controller manager that can be started and stopped.
class Controller {
public:
    virtual ~Controller() = default;
    virtual void start() = 0;
    virtual void stop() = 0;
};

/// A controller that reconciles keys of one kind.
class KeyedController : public Controller, protected controlloop::Reconciler {
public:
    void start() override { m_runner.start(); }
    void stop() override { m_runner.stop(); }

protected:
    /// `workersMax` 0: as the options say.
    KeyedController(const Context& context, std::string name, std::vector<client::InformerBase*> informers,
                    std::size_t workersMax = 0)
        : m_loop(context.loop),
          m_runner(context.loop, context.executor, *this, std::move(informers),
                   {.name = std::move(name),
                    .workersMax = workersMax > 0 ? workersMax : context.options.workersMax,
                    .backoff = {},
                    .gate = context.options.gate,
                    .trace = context.options.trace})
    {
    }
    const Clock& clock() const { return m_loop.clock(); }

    Loop& m_loop;
    controlloop::Runner m_runner;
};

template <typename T>
ObjectKey keyOf(const T& object)
{
    return {object.metadata.namespace_, object.metadata.name};
}

/// {apiVersion, kind, metadata: {namespace, name, uid}, status}: what a status write needs of an object.
template <typename T, typename Status>
Value statusDocument(const T& object, const Status& status)
{
    return api::Object{
        {"apiVersion", api::kindOf<T>().groupVersion.text()},
        {"kind", T::kindName},
        {"metadata", api::Object{{"namespace", object.metadata.namespace_},
                                 {"name", object.metadata.name},
                                 {"uid", object.metadata.uid}}},
        {"status", toJson(status)},
    };
}

} // namespace keelson::controllers
