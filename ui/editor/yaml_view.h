// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_check.h"

#include <Qsci/qsciscintilla.h>

class QsciLexerYAML;

namespace keelson::ui {

/// YAML text: highlighted, with numbered lines, problems where they are, and added and removed lines of a difference.
class YamlView : public QsciScintilla {
    Q_OBJECT
public:
    explicit YamlView(QWidget* parent = nullptr);

    void setProblems(const QVector<ManifestProblem>& problems);
    void showDiff(const std::vector<DiffLine>& lines);

protected:
    void changeEvent(QEvent* event) override;

private:
    void recolour();

    QsciLexerYAML* m_lexer;
};

} // namespace keelson::ui
