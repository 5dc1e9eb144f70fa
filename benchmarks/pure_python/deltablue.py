"""A planner of one-way constraints with strengths: inheritance, lists, methods that call methods.

The shape of the classic DeltaBlue benchmark: chains of equal variables and projections by a scale,
which are edited again and again.
"""

REQUIRED = 0
PREFERRED = 2
DEFAULT = 4
WEAKEST = 6


class Variable:
    def __init__(self, value):
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.strength = WEAKEST
        self.mark = 0
        self.stays = True


class Constraint:
    def __init__(self, strength):
        self.strength = strength

    def attach(self, planner):
        for variable in self.variables():
            variable.constraints.append(self)
        planner.add(self)

    def variables(self):
        raise NotImplementedError

    def output(self):
        raise NotImplementedError

    def inputs(self):
        return []

    def inputs_known(self, mark):
        for variable in self.inputs():
            if not (variable.mark == mark or variable.stays or variable.determined_by is None):
                return False
        return True

    def is_input(self):
        return False

    def choose(self, mark):
        raise NotImplementedError

    def execute(self):
        pass

    def satisfy(self, mark, planner):
        """Determine the output; return the constraint that did so until now."""
        self.choose(mark)
        if not self.is_satisfied():
            if self.strength == REQUIRED:
                raise ValueError("a required constraint cannot be satisfied")
            return None
        for variable in self.inputs():
            variable.mark = mark
        output = self.output()
        overridden = output.determined_by
        if overridden is not None:
            overridden.release()
        output.determined_by = self
        planner.propagate(self, mark)
        output.mark = mark
        return overridden

    def recalculate(self):
        output = self.output()
        strength = self.strength
        stays = not self.is_input()
        for variable in self.inputs():
            if variable.strength > strength:
                strength = variable.strength
            stays = stays and variable.stays
        output.strength = strength
        output.stays = stays
        if stays:
            self.execute()


class Unary(Constraint):
    def __init__(self, variable, strength, planner):
        Constraint.__init__(self, strength)
        self.variable = variable
        self.satisfied = False
        self.attach(planner)

    def variables(self):
        return [self.variable]

    def output(self):
        return self.variable

    def is_satisfied(self):
        return self.satisfied

    def release(self):
        self.satisfied = False

    def choose(self, mark):
        self.satisfied = self.variable.mark != mark and self.strength < self.variable.strength


class Stay(Unary):
    pass


class Edit(Unary):
    def is_input(self):
        return True


class Equal(Constraint):
    def __init__(self, one, two, strength, planner):
        Constraint.__init__(self, strength)
        self.one = one
        self.two = two
        self.forward = None
        self.attach(planner)

    def variables(self):
        return [self.one, self.two]

    def output(self):
        return self.two if self.forward else self.one

    def inputs(self):
        return [self.one if self.forward else self.two]

    def is_satisfied(self):
        return self.forward is not None

    def release(self):
        self.forward = None

    def choose(self, mark):
        one, two = self.one, self.two
        self.forward = None
        if one.mark == mark:
            if two.mark != mark and self.strength < two.strength:
                self.forward = True
        elif two.mark == mark:
            if self.strength < one.strength:
                self.forward = False
        elif one.strength > two.strength:
            if self.strength < one.strength:
                self.forward = False
        elif self.strength < two.strength:
            self.forward = True

    def execute(self):
        self.output().value = self.inputs()[0].value


class Scale(Equal):
    def __init__(self, one, factor, offset, two, strength, planner):
        self.factor = factor
        self.offset = offset
        Equal.__init__(self, one, two, strength, planner)

    def execute(self):
        if self.forward:
            self.two.value = self.one.value * self.factor + self.offset
        else:
            self.one.value = (self.two.value - self.offset) // self.factor


class Planner:
    def __init__(self):
        self.mark = 0

    def new_mark(self):
        self.mark += 1
        return self.mark

    def add(self, constraint):
        mark = self.new_mark()
        overridden = constraint.satisfy(mark, self)
        while overridden is not None:
            overridden = overridden.satisfy(mark, self)

    def remove(self, constraint):
        variable = constraint.output()
        variable.determined_by = None
        constraint.release()
        variable.constraints.remove(constraint)
        variable.strength = WEAKEST
        variable.stays = True
        unsatisfied = []
        todo = [variable]
        while todo:
            current = todo.pop()
            for other in current.constraints:
                if not other.is_satisfied():
                    unsatisfied.append(other)
            for other in self.consumers(current):
                other.recalculate()
                todo.append(other.output())
        for strength in range(WEAKEST):
            for other in unsatisfied:
                if other.strength == strength:
                    self.add(other)

    def consumers(self, variable):
        found = []
        for constraint in variable.constraints:
            if constraint is not variable.determined_by and constraint.is_satisfied():
                found.append(constraint)
        return found

    def propagate(self, constraint, mark):
        todo = [constraint]
        while todo:
            current = todo.pop(0)
            if current.output().mark == mark:
                raise ValueError("the constraints have a cycle")
            current.recalculate()
            todo.extend(self.consumers(current.output()))

    def plan(self, source):
        """Return the constraints that a change of an input runs, in order."""
        mark = self.new_mark()
        plan = []
        todo = [source]
        while todo:
            current = todo.pop()
            output = current.output()
            if output.mark != mark and current.inputs_known(mark):
                plan.append(current)
                output.mark = mark
                todo.extend(self.consumers(output))
        return plan


def change(planner, variable, values):
    edit = Edit(variable, PREFERRED, planner)
    plan = planner.plan(edit)
    for value in values:
        variable.value = value
        for constraint in plan:
            constraint.execute()
    planner.remove(edit)


def chain(length):
    planner = Planner()
    variables = [Variable(0) for _ in range(length + 1)]
    for index in range(length):
        Equal(variables[index], variables[index + 1], REQUIRED, planner)
    Stay(variables[length], DEFAULT, planner)
    change(planner, variables[0], range(100))
    return variables[length].value


def projection(length):
    planner = Planner()
    factor, offset = Variable(10), Variable(1000)
    sources = []
    targets = []
    for index in range(length):
        source, target = Variable(index), Variable(index)
        sources.append(source)
        targets.append(target)
        Stay(source, DEFAULT, planner)
        Scale(source, factor.value, offset.value, target, REQUIRED, planner)
    total = 0
    for source, target in zip(sources, targets, strict=True):
        change(planner, source, [17])
        total += target.value
        change(planner, target, [1050])
        total += source.value
    return total


def main(size):
    return chain(size), projection(size)
