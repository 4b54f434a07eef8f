// SPDX-License-Identifier: Apache-2.0
#include "controlloop/runner.h"

#include "base/log.h"

#include <algorithm>

namespace keelson::controlloop {

void Pass::wrote(const client::InformerBase& informer, const Value& written)
{
    const auto revision = client::parseRevision(api::stringAt(written, {"metadata", "resourceVersion"}));
    if (revision != 0)
        m_expectations.push_back({.informer = &informer, .revision = revision, .gone = {}, .goneUid = {}});
}

void Pass::removed(const client::InformerBase& informer, const ObjectKey& key, std::string_view uid)
{
    m_expectations.push_back({.informer = &informer, .revision = 0, .gone = key, .goneUid = std::string(uid)});
}

void Pass::lookAgainAfter(Duration delay)
{
    m_lookAgain = m_lookAgain ? std::min(*m_lookAgain, delay) : delay;
}

bool Pass::met(const Expectation& expectation)
{
    if (expectation.revision != 0)
        return expectation.informer->revision() >= expectation.revision;
    const auto object = expectation.informer->find(expectation.gone);
    return !object || object->uid != expectation.goneUid || object->deleting;
}

Runner::Runner(Loop& loop, Executor& executor, Reconciler& reconciler, std::vector<client::InformerBase*> informers,
               Options options)
    : m_loop(loop),
      m_executor(executor),
      m_reconciler(reconciler),
      m_informers(std::move(informers)),
      m_options(std::move(options)),
      m_queue(loop, m_options.backoff, [this] { pump(); }),
      m_alive(std::make_shared<char>())
{
    for (auto* informer : m_informers) {
        informer->onProgress([this, alive = std::weak_ptr(m_alive)] {
            if (alive.lock())
                recheck();
        });
    }
    if (m_options.gate != nullptr) {
        m_options.gate->onChange([this, alive = std::weak_ptr(m_alive)] {
            m_loop.post([this, alive] {
                if (alive.lock())
                    pump();
            });
        });
    }
}

Runner::~Runner() = default;

void Runner::add(const ObjectKey& key)
{
    if (const auto waiting = m_waiting.find(key); waiting != m_waiting.end())
        waiting->second.wanted = true;
    else
        m_queue.add(key);
}

void Runner::addAfter(const ObjectKey& key, Duration delay)
{
    m_queue.addAfter(key, delay);
}

void Runner::start()
{
    m_started = true;
    m_loop.post([this, alive = std::weak_ptr(m_alive)] {
        if (alive.lock())
            pump();
    });
}

void Runner::stop()
{
    m_started = false;
}

bool Runner::mayRun() const
{
    return m_started && m_synced && (m_options.gate == nullptr || m_options.gate->leads());
}

void Runner::recheck()
{
    if (!m_synced)
        m_synced = std::ranges::all_of(m_informers, [](const auto* informer) { return informer->synced(); });
    const auto now = m_loop.clock().steady();
    std::vector<ObjectKey> wanted;
    for (auto at = m_waiting.begin(); at != m_waiting.end();) {
        auto& waiting = at->second;
        std::erase_if(waiting.expectations, Pass::met);
        if (!waiting.expectations.empty() && now < waiting.deadline) {
            ++at;
            continue;
        }
        if (!waiting.expectations.empty())
            log::warning(m_options.name, "{}: the last writes are not shown yet; going ahead", at->first.text());
        if (waiting.wanted)
            wanted.push_back(at->first);
        at = m_waiting.erase(at);
    }
    for (const auto& key : wanted)
        m_queue.add(key);
    pump();
}

void Runner::pump()
{
    while (mayRun() && m_workers < m_options.workersMax) {
        const auto key = m_queue.take();
        if (!key)
            return;
        if (const auto waiting = m_waiting.find(*key); waiting != m_waiting.end()) {
            waiting->second.wanted = true; // it came by a timer
            m_queue.done(*key);
            continue;
        }
        run(*key);
    }
}

void Runner::run(const ObjectKey& key)
{
    ++m_workers;
    m_executor.run([this, key] {
        auto pass = std::make_shared<Pass>();
        auto result = m_started ? this->pass(key, *pass) : Result<Done>(Done{});
        m_loop.post([this, key, pass, result = std::move(result), alive = std::weak_ptr(m_alive)] {
            if (alive.lock())
                finished(key, result, *pass);
        });
    });
}

Result<Done> Runner::pass(const ObjectKey& key, Pass& pass)
{
    const auto& clock = m_loop.clock();
    const auto begin = clock.wall();
    const auto since = clock.steady();
    auto result = m_reconciler.reconcile(key, pass);
    if (m_options.trace != nullptr && pass.deed()) {
        trace::Span span{.step = trace::Step::Controller,
                         .subject = pass.deed()->subject,
                         .related = pass.deed()->related,
                         .actor = m_options.name + "-controller",
                         .begin = begin,
                         .length = clock.steady() - since,
                         .failed = !result,
                         .summary = pass.deed()->why};
        if (!result)
            span.summary += ": " + result.error().message;
        m_options.trace->record(std::move(span));
    }
    return result;
}

void Runner::finished(const ObjectKey& key, const Result<Done>& result, const Pass& pass)
{
    --m_workers;
    if (!pass.expectations().empty()) {
        Waiting waiting{.expectations = pass.expectations(),
                        .deadline = m_loop.clock().steady() + m_options.expectationMax};
        std::erase_if(waiting.expectations, Pass::met);
        if (!waiting.expectations.empty()) {
            m_waiting.insert_or_assign(key, std::move(waiting));
            m_loop.after(m_options.expectationMax, [this, alive = std::weak_ptr(m_alive)] {
                if (alive.lock())
                    recheck();
            });
        }
    }
    m_queue.done(key);
    if (!result) {
        if (result.error().reason == Reason::Conflict || result.error().reason == Reason::NotFound)
            log::debug(m_options.name, "{}: {}", key.text(), result.error().message);
        else
            log::warning(m_options.name, "{}: {}", key.text(), result.error().message);
        m_queue.addAfterFailure(key);
    } else {
        m_queue.forget(key);
        if (pass.lookAgain())
            m_queue.addAfter(key, *pass.lookAgain());
    }
    pump();
}

} // namespace keelson::controlloop
