// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "models/health_probe.h"

#include <QWidget>

class QLabel;

namespace keelson::ui {

/// How the cluster answers, as a glyph and a few calm words.
class ConnectionLabel : public QWidget {
    Q_OBJECT
public:
    explicit ConnectionLabel(const Clock& clock, QWidget* parent = nullptr);

    void showHealth(const HealthProbe& health);
    QString text() const;

private:
    const Clock& m_clock;
    QLabel* m_glyph;
    QLabel* m_words;
};

} // namespace keelson::ui
