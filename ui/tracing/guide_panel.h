// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tracing/lanes.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace keelson::ui {

/// Learning mode: walks through the steps in plain words, each with what happened there in this trace.
class GuidePanel : public QWidget {
    Q_OBJECT
public:
    explicit GuidePanel(QWidget* parent = nullptr);

    void setTrace(const trace::TraceView& trace);
    int lane() const { return m_lane; }
    void setLane(int lane);

signals:
    void laneChanged(int lane);

private:
    void refresh();
    QString facts() const;

    trace::TraceView m_trace;
    int m_lane = 0;
    QLabel* m_place;
    QLabel* m_title;
    QLabel* m_meaning;
    QLabel* m_facts;
    QPushButton* m_back;
    QPushButton* m_next;
};

} // namespace keelson::ui
